"""Fit expected dwell to past visits of content, and judge it on later ones.

Everything that describes is counted before a moment, everything it is fitted to comes after it. Of the visits in order of time,
the third and the fourth fifth are fitted to, each described by those before it, and the last is judged on, described by the
first four. To serve, it is fitted again to the last two.
"""

import json
from dataclasses import asdict

import numpy as np
from sklearn.linear_model import PoissonRegressor

from core.base.db import Store
from core.base.derived import rebuild
from core.base.schema import Table
from core.base.settings import Settings
from core.score.dwell import LATEST, LONGEST_S, PRIOR, DwellReport, Judged, Visits, expected, known, read_visits
from core.score.index import Index, load_index

ENOUGH = 300
"""Visits below which nothing is fitted."""
RESAMPLES = 200
FIFTH = 0.2


def rebuild_dwell(store: Store, settings: Settings, force: bool = False) -> bool:
    """Rebuild table ``dwell_fits`` where it is not current; return whether it was built."""
    depends = {
        "prior": PRIOR,
        "longest_s": LONGEST_S,
        "latest": LATEST,
        "encoder": settings.encoder,
        "half_life_days": settings.half_life_days,
    }
    return rebuild(store, Table.DWELL_FITS, depends, lambda version: _build(store, settings, version), force)


def fit(store: Store, index: Index, visits: Visits, until: float = 1.0) -> np.ndarray:
    """Return (4,) b₀ … b₃, fitted to the two fifths of the visits before ``until`` (a share of them), each described by what
    was known when it began.
    """
    parts = [_after(store, index, visits, until - back, until - back + FIFTH) for back in (2 * FIFTH, FIFTH)]
    facts, seconds = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    model = PoissonRegressor(alpha=1e-3, max_iter=500).fit(facts, seconds)
    return np.array([model.intercept_, *model.coef_])


def _after(store: Store, index: Index, visits: Visits, start: float, stop: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the facts (v, 3) and the dwell against the mean so far (v,) of the visits between two shares of all."""
    first, last = int(start * len(visits)), int(stop * len(visits))
    then = known(store, index, visits, visits.users, visits.moment(start))
    facts = then.describe(index, visits.user[first:last], visits.row[first:last])
    return facts, visits.seconds[first:last] / visits.seconds[:first].mean()


def judge(store: Store, index: Index, visits: Visits, seed: int = 7) -> Judged:
    """Return how a model that ends at 80 % of the visits orders the rest."""
    cut = 1 - FIFTH
    weights, start = fit(store, index, visits, cut), int(cut * len(visits))
    then = known(store, index, visits, visits.users, visits.moment(cut))
    facts = then.describe(index, visits.user[start:], visits.row[start:])
    real = visits.seconds[start:]
    told = expected(weights, facts, float(visits.seconds[:start].mean()))
    ours, popular = facts[:, :2] @ weights[1:3], then.visits[visits.row[start:]].astype(float)
    gains = _resampled(ours, popular, real, np.random.default_rng(seed))
    low, high = np.quantile(gains, [0.025, 0.975]).tolist()
    mine, theirs = concordance(ours, real), concordance(popular, real)
    return Judged(
        visits=len(real),
        concordance=mine,
        popularity=theirs,
        gain=mine - theirs,
        low=low,
        high=high,
        first=_first_fifth(ours, real),
        first_popular=_first_fifth(popular, real),
        mean=float(real.mean()),
        ratio=float(told.sum() / real.sum()),
    )


def concordance(score: np.ndarray, real: np.ndarray) -> float:
    """Return how often, of two with different ``real``, the larger has the larger score; a tie of scores counts a half.

    >>> concordance(np.array([1.0, 2.0, 2.0]), np.array([10.0, 20.0, 30.0]))
    0.8333333333333334
    """
    longer = real[:, None] > real[None]
    right = score[:, None] > score[None]
    tied = score[:, None] == score[None]
    return float((longer & right).sum() + (longer & tied).sum() / 2) / max(int(longer.sum()), 1)


def _resampled(ours: np.ndarray, popular: np.ndarray, real: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return (RESAMPLES,) differences of concordance over visits drawn with replacement, 1,000 at most."""
    size = min(len(real), 1000)
    draws = (rng.integers(0, len(real), size) for _ in range(RESAMPLES))
    return np.array([concordance(ours[at], real[at]) - concordance(popular[at], real[at]) for at in draws])


def _first_fifth(score: np.ndarray, real: np.ndarray) -> float:
    first = np.argsort(-score, kind="stable")[: max(1, len(real) // 5)]
    return float(real[first].mean())


def _build(store: Store, settings: Settings, version: int) -> None:
    pieces = int(store.value("SELECT count(*) FROM catalogue WHERE kind = 'content' AND hidden IS NULL"))
    report = _report(store, load_index(store, settings), pieces) if pieces else DwellReport(0, 0, 0, 0, None, None, NO_CONTENT)
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM dwell_fits")
        cursor.execute("INSERT INTO dwell_fits VALUES (?, ?)", [json.dumps(asdict(report)), version])


def _report(store: Store, index: Index, pieces: int) -> DwellReport:
    visits = read_visits(store, index)
    mean = float(visits.seconds.mean()) if len(visits) else 0.0
    if len(visits) < ENOUGH:
        told = _TOO_LITTLE.format(pieces=pieces, visits=len(visits), enough=ENOUGH)
        return DwellReport(pieces, len(visits), len(visits.users), mean, None, None, told)
    weights, judged = fit(store, index, visits), judge(store, index, visits)
    return DwellReport(pieces, len(visits), len(visits.users), mean, tuple(weights.tolist()), judged, _in_words(judged))


NO_CONTENT = "This shop has no content: no item of its catalogue is of the kind 'content' (articles, guides, videos)."
_TOO_LITTLE = (
    "There are {pieces:,} pieces of content but only {visits:,} visits with a measured time; from {enough:,} on, expected time "
    "is learned. Until then they are ordered by their own mean time, if any, and by taste."
)


def _in_words(judged: Judged) -> str:
    sure = "surely better than" if judged.low > 0 else "not surely better than" if judged.high > 0 else "worse than"
    return (
        f"Expected time, judged on the latest {judged.visits:,} visits, which it had not seen: of two it names the longer one "
        f"{judged.concordance:.1%} of the time, popularity {judged.popularity:.1%} ({sure} popularity: difference "
        f"{100 * judged.gain:+.1f} points, 95 % interval {100 * judged.low:+.1f} to {100 * judged.high:+.1f}). "
        f"The fifth it puts first held {judged.first:.1f} s on average, popularity's {judged.first_popular:.1f} s, "
        f"all of them {judged.mean:.1f} s. Expected time in all was {judged.ratio:.2f} of the real one."
    )
