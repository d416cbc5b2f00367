"""Bring up to date what the shop window reads: pairs, demand, arrivals, expected dwell."""

from core.base.db import Store
from core.base.derived import Progress, no_progress
from core.base.settings import Settings
from core.represent.arrivals import rebuild_arrivals
from core.represent.demand import rebuild_demand
from core.represent.pairs import rebuild_pairs
from core.train.dwell_fit import rebuild_dwell


def rebuild_surfaces(store: Store, settings: Settings, progress: Progress = no_progress) -> list[str]:
    """Rebuild what is behind the data; return the names. Needs the catalogue, interactions and item vectors."""
    steps = {
        "pairs": lambda: rebuild_pairs(store, lambda done, message: progress(0.5 * done, message)),
        "demand": lambda: rebuild_demand(store),
        "arrivals": lambda: rebuild_arrivals(store),
        "dwell": lambda: rebuild_dwell(store, settings),
    }
    return [name for name, build in steps.items() if build()]
