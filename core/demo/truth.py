"""What the simulator knows and no import ever sees: types, tastes, quality, and the chance of a click."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.base.errors import BadInput
from core.demo.behaviour import World
from core.demo.shopper_types import TYPES, trait
from core.demo.taste import ClickModel


@dataclass(frozen=True)
class Truth:
    """The latent world of a demo shop, read back.

    shoppers: customer_id, type, persona, second_persona, tier, drift_day, bargain. items: sku, item_type, quality, popularity.
    taste: (shoppers, traits) float32 as at the end of the log; traits: (items, traits) float32. model: the click function.
    """

    shoppers: pd.DataFrame
    items: pd.DataFrame
    taste: np.ndarray
    traits: np.ndarray
    model: ClickModel


def save_truth(folder: Path, world: World, taste: np.ndarray, traits: np.ndarray) -> None:
    """Write shoppers.parquet, items.parquet and model.json into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    people, stock = world.people, world.catalogue
    persona = np.array([one.name for one in world.words.personas], dtype=object)
    shoppers = pd.DataFrame(
        {
            "customer_id": people.ids,
            "type": np.array([one.name for one in TYPES], dtype=object)[people.type],
            "persona": persona[people.persona[:, 0]],
            "second_persona": persona[people.persona[:, 1]],
            "tier": people.tier,
            "drift_day": people.drift,
            "bargain": trait(people.type, "bargain"),
        }
    )
    items = stock.frame[["sku", "item_type"]].assign(quality=stock.quality, popularity=stock.popularity)
    _write(folder / "shoppers.parquet", shoppers, "taste", taste)
    _write(folder / "items.parquet", items, "traits", traits)
    (folder / "model.json").write_text(json.dumps(asdict(world.model), indent=2) + "\n", encoding="utf-8")


def load_truth(folder: Path) -> Truth:
    """Read the truth of the shop in ``folder`` (the one given to ``generate``). Raises BadInput where it has none."""
    truth = folder / "truth"
    if not (truth / "model.json").exists():
        raise BadInput(f"There is no demo shop in {folder}. Generate one first.")
    shoppers, taste = _read(truth / "shoppers.parquet", "taste")
    items, traits = _read(truth / "items.parquet", "traits")
    model = ClickModel(**json.loads((truth / "model.json").read_text(encoding="utf-8")))
    return Truth(shoppers, items, taste, traits, model)


def click_probability(
    truth: Truth,
    user_ids: np.ndarray,
    item_ids: np.ndarray,
    position: np.ndarray | int = 1,
    discount: np.ndarray | float = 0.0,
) -> np.ndarray:
    """The true chance that each shopper clicks each item shown at ``position`` (from 1) with ``discount`` (share of the price).

    The arrays broadcast: (n,) and (n,) give (n,) pairs; (n, 1) and (m,) give an (n, m) matrix. It is the function that
    drew the clicks of the log, with the tastes as at its end. Raises BadInput on an id that the shop does not have.
    """
    return chance_at(truth, *truth_rows(truth, user_ids, item_ids), position, discount)


def truth_rows(truth: Truth, user_ids: np.ndarray, item_ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of shoppers and of items in the truth, shaped as the ids. Raises BadInput on an id it does not have."""
    return _places(truth.shoppers["customer_id"], user_ids), _places(truth.items["sku"], item_ids)


def chance_at(
    truth: Truth, user: np.ndarray, item: np.ndarray, position: np.ndarray | int = 1, discount: np.ndarray | float = 0.0
) -> np.ndarray:
    """Return what ``click_probability`` does, of rows of the truth."""
    user, item = np.broadcast_arrays(user, item)
    utility = np.einsum("...d,...d->...", truth.taste[user], truth.traits[item])
    bargain = truth.shoppers["bargain"].to_numpy()[user]
    return truth.model.probability(utility, np.asarray(position), bargain, np.asarray(discount))


def _places(known: pd.Series, ids: np.ndarray) -> np.ndarray:
    wanted = np.asarray(ids, dtype=object)
    places = pd.Index(known).get_indexer(wanted.ravel())
    if (places < 0).any():
        raise BadInput(f"The demo shop has no '{wanted.ravel()[places < 0][0]}'.")
    return places.reshape(wanted.shape)


def _write(path: Path, frame: pd.DataFrame, name: str, matrix: np.ndarray) -> None:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    flat = pa.array(np.ascontiguousarray(matrix, dtype=np.float32).ravel())
    pq.write_table(table.append_column(name, pa.FixedSizeListArray.from_arrays(flat, matrix.shape[1])), path)


def _read(path: Path, name: str) -> tuple[pd.DataFrame, np.ndarray]:
    table = pq.read_table(path)
    column = table.column(name).combine_chunks()
    matrix = column.flatten().to_numpy(zero_copy_only=False).reshape(len(table), -1)
    return table.drop_columns([name]).to_pandas(), matrix
