"""Settings: right values are read, wrong ones refused by name."""

from pathlib import Path

import pytest

from core.base.errors import BadInput
from core.base.settings import load_settings


def test_defaults_and_environment() -> None:
    settings = load_settings({"KINDRED_ALPHA": "0.4", "KINDRED_HOME": "/tmp/shop", "PATH": "/bin"})
    assert (settings.alpha, settings.home, settings.seed) == (0.4, Path("/tmp/shop"), 7)


def test_overrides_win_and_none_means_not_given() -> None:
    assert load_settings({"KINDRED_ALPHA": "0.4"}, alpha=0.9).alpha == 0.9
    assert load_settings({"KINDRED_ALPHA": "0.4"}, alpha=None).alpha == 0.4


@pytest.mark.parametrize(("key", "value"), [("KINDRED_ALPHA", "2"), ("KINDRED_MEMORY_MB", "lots"), ("KINDRED_LOG_LEVEL", "LOUD")])
def test_a_wrong_value_is_refused_with_the_keys_name(key: str, value: str) -> None:
    with pytest.raises(BadInput, match=key):
        load_settings({key: value})


def test_a_misspelt_key_is_refused_with_its_name() -> None:
    with pytest.raises(BadInput, match="KINDRED_ALPAH"):
        load_settings({"KINDRED_ALPAH": "0.4"})
