"""The models by the names that the command line and the screens use."""

import math
from collections.abc import Callable

from core.base.errors import BadInput
from core.train.ease import Ease
from core.train.item_to_item import ItemToItem
from core.train.names import Model
from core.train.popularity import Popularity
from core.train.scorer import Scorer
from core.train.snapshot import Snapshot
from core.train.zero_shot import ZeroShot


def make(model: Model, snapshot: Snapshot, alpha: float) -> Scorer:
    """Return the model, not fitted yet. Raises BadInput for zero-shot in a shop without item vectors."""
    if model is Model.ZERO_SHOT and not snapshot.vectors.any():
        raise BadInput(
            "No item has a vector yet, so there is no zero-shot list: encode the item texts first (python -m core embed)."
        )
    makers: dict[Model, Callable[[], Scorer]] = {
        Model.POPULARITY: Popularity,
        Model.ZERO_SHOT: lambda: ZeroShot(snapshot, alpha),
        Model.ITEM_TO_ITEM: ItemToItem,
        Model.EASE: lambda: Ease(half_lives=(math.inf,)),
    }
    return makers[model]()
