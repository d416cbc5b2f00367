"""The probe: a batch a second must add up over epochs, towers and the second training; what is wrong is told in a sentence."""

import itertools

import pytest

from core.base.errors import BadInput
from core.train import probe
from core.train.names import Preset, Protocol
from core.train.runs import Request
from core.train.snapshot import Snapshot

SMALL: dict[str, int | float] = {"width": 16, "longest": 8, "negatives": 16, "batch": 8, "most_epochs": 6}
QUICK = Request(Preset.QUICK, Protocol.LEAVE_LAST_ONE, options=SMALL)
BEST = Request(Preset.BEST, Protocol.LEAVE_LAST_ONE, refit=True, options=SMALL)


def test_a_batch_a_second_adds_up(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quick stops after 4 epochs; best trains three towers for the 6 that are asked for, and with refit once more."""
    monkeypatch.setattr(probe, "_steps", lambda vectors, spans, chosen, also: itertools.repeat(None))
    monkeypatch.setattr(probe.time, "perf_counter", itertools.count().__next__)
    quick, best = probe.measure(snapshot, QUICK).seconds, probe.measure(snapshot, BEST).seconds
    assert quick % 4 == 0
    assert best == quick / 4 * 6 * 3 * 2


def test_it_measures_in_a_process_of_its_own(snapshot: Snapshot) -> None:
    found = probe.estimate(snapshot, QUICK, threads=1)
    assert found.seconds > 0
    assert found.peak_mb > 50
    assert found.took >= probe.LONG_ENOUGH


def test_what_cannot_be_measured_is_said(snapshot: Snapshot) -> None:
    with pytest.raises(BadInput, match="trains nothing"):
        probe.estimate(snapshot, Request(Preset.ZERO_SHOT), threads=1)
    with pytest.raises(BadInput, match="There is no option depth"):
        probe.estimate(snapshot, Request(options={"depth": 2}), threads=1)
