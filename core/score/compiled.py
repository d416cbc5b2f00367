"""The loops of batches that no matrix product does, compiled: tables of neighbours read, weighed and added, the best kept."""

from typing import NamedTuple

import numba
import numpy as np

EXACT = {"nnan", "nsz", "contract"}
"""What the compiler may take for granted: no NaN, one zero, and that a product and a sum may be rounded once."""
CHUNK = 64
FEW = 8
"""Where less than one item in so many has a neighbour in a history, those are looked up and not all items gone through."""
ZERO, HALF, ONE = np.float32(0), np.float32(0.5), np.float32(1)
ROOT_HALF = np.float32(np.sqrt(0.5)).view(np.int32)
LN2 = np.float32(np.log(2))
_TERMS = "7.0376836292e-2 -1.1514610310e-1 1.1676998740e-1 -1.2420140846e-1 1.4249322787e-1 "
_TERMS += "-1.6668057665e-1 2.0000714765e-1 -2.4999993993e-1 3.3333331174e-1"
LOG = tuple(np.float32(term) for term in _TERMS.split())
"""Polynomial of the logarithm in single precision: Moshier's Cephes, logf."""


class Rows(NamedTuple):
    """A list of numbers for each of m rows: those of row r are ``items[starts[r]:starts[r + 1]]``."""

    starts: np.ndarray  # (m + 1,) int64
    items: np.ndarray  # int32


class Tables(NamedTuple):
    """T tables of neighbours over ``size`` items, one below the other: row t · size + h has those of item h in table t.

    The logarithm of a table's sum, log(1 + gain · Σ_h decay^(steps back of h) · value), counts ``weights[t]``.
    """

    starts: np.ndarray  # (T · size + 1,) int64
    columns: np.ndarray  # int32, in 0 … n − 1
    values: np.ndarray  # float32
    decays: np.ndarray  # float32 (T,)
    weights: np.ndarray  # float32 (T,)
    gain: np.float32


class Best(NamedTuple):
    """The k best of m shoppers, best first, ties by column. told: what each table put into the score."""

    column: np.ndarray  # int32 (m, k), −1 = there are no more
    score: np.ndarray  # float32 (m, k)
    told: np.ndarray  # float32 (m, k, T)


def nothing_kept(shoppers: int, places: int, tables: int) -> Best:
    """Return lists to be filled."""
    shape = (shoppers, places)
    return Best(np.full(shape, -1, np.int32), np.full(shape, -np.inf, np.float32), np.zeros((*shape, tables), np.float32))


@numba.njit(nogil=True, cache=True, fastmath=EXACT)
def keep_best(
    scores: np.ndarray, everyone: np.ndarray, history: Rows, tables: Tables, gone: Rows, first: int, best: Best
) -> None:
    """Write the best of the shoppers ``first`` … ``first + len(scores) − 1`` into ``best``.

    scores: float32 (m, n), overwritten; everyone: float32 (n,), added to all; history: each shopper's items, latest last;
    gone: the columns that a shopper is not shown.
    """
    count, width = len(tables.weights), len(everyone)
    heard, told = np.empty(width, np.float32), np.empty((count, width), np.float32)
    most = np.empty((width + CHUNK - 1) // CHUNK, np.float32)
    chunks, tops = np.empty(best.column.shape[1], np.int32), np.empty(best.column.shape[1], np.float32)
    for place in range(len(scores)):
        row, who = scores[place], first + place
        row += everyone
        mine = history.items[history.starts[who] : history.starts[who + 1]]
        for table in range(count):
            _hear(tables, table, mine, heard, told[table])
            row += told[table]
        for column in gone.items[gone.starts[who] : gone.starts[who + 1]]:
            row[column] = -np.inf
        _keep(row, most, chunks, tops, best.column[who], best.score[who])
        for rank, column in enumerate(best.column[who]):
            if column >= 0:
                best.told[who, rank] = told[:, column]


@numba.njit(nogil=True, fastmath=EXACT)
def _hear(tables: Tables, table: int, mine: np.ndarray, heard: np.ndarray, told: np.ndarray) -> None:
    """Write what a table says of every column for a history into ``told``; ``heard``: room for the sums."""
    size = (len(tables.starts) - 1) // len(tables.weights)
    starts, columns, values = tables.starts[table * size :], tables.columns, tables.values
    gain, weight = tables.gain, tables.weights[table]
    heard[:] = ZERO
    strength, touched = ONE, 0
    for item in mine[::-1]:
        for at in range(starts[item], starts[item + 1]):
            heard[columns[at]] += strength * values[at]
        strength *= tables.decays[table]
        touched += starts[item + 1] - starts[item]
    if FEW * touched > len(heard):
        for column in range(len(heard)):
            told[column] = weight * _log(ONE + gain * max(heard[column], ZERO))
    else:
        told[:] = ZERO
        for item in mine:
            for column in columns[starts[item] : starts[item + 1]]:
                told[column] = weight * _log(ONE + gain * max(heard[column], ZERO))


@numba.njit(nogil=True, inline="always", fastmath=EXACT)
def _log(x: np.float32) -> np.float32:
    """Return log x for x ≥ 1: an exponent, and a polynomial of what is left, in [√½, √2). Unlike logf it is vectorised."""
    bits = np.float32(x).view(np.int32)
    exponent = (bits - ROOT_HALF) >> np.int32(23)
    z = np.int32(bits - (exponent << np.int32(23))).view(np.float32) - ONE
    poly = ZERO
    for term in LOG:
        poly = poly * z + term
    return z * z * (poly * z - HALF) + z + np.float32(exponent) * LN2


@numba.njit(nogil=True, fastmath=EXACT)
def _keep(row: np.ndarray, most: np.ndarray, chunks: np.ndarray, tops: np.ndarray, column: np.ndarray, score: np.ndarray) -> None:
    """Write the largest of a row, in order. The k chunks with the largest maxima hold them; the rest is not gone through."""
    for chunk in range(len(most)):
        top = row[chunk * CHUNK]
        for value in row[chunk * CHUNK : (chunk + 1) * CHUNK]:
            top = max(top, value)
        most[chunk] = top
    chunks[:], tops[:] = -1, -np.inf
    _insert(most, 0, chunks, tops)
    for chunk in np.sort(chunks):
        if chunk >= 0:
            _insert(row[chunk * CHUNK : (chunk + 1) * CHUNK], chunk * CHUNK, column, score)


@numba.njit(nogil=True, fastmath=EXACT)
def _insert(values: np.ndarray, first: int, place: np.ndarray, kept: np.ndarray) -> None:
    """Put values that are larger than the least kept where they belong; their places are counted from ``first``."""
    last = len(kept) - 1
    for number, value in enumerate(values):
        if value > kept[last]:
            at = last
            while at > 0 and kept[at - 1] < value:
                kept[at], place[at] = kept[at - 1], place[at - 1]
                at -= 1
            kept[at], place[at] = value, first + number
