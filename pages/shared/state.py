"""What the screens read, kept between reruns: the only caching in the app.

The store is opened once per process. Everything read from it is cached under the *version*: the data version and
when each derived table was built, so that a rerun costs a dictionary look-up and a change is seen at once. Modules
that bring in torch or scikit-learn are imported where they are first needed: a page must not wait for them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from core.base import derived
from core.base.db import Store, open_store
from core.base.settings import Settings, load_settings
from core.base.workspace import Workspace, open_workspace
from core.represent import registry
from core.score.reactions import Stamp, stamp

if TYPE_CHECKING:
    from core.base.schema import FileKind
    from core.ingest.mapping import Mapping
    from core.ingest.source import Source
    from core.represent.encoder import Encoder
    from core.score.index import Index
    from core.score.plan import Plan
    from core.score.recommend import Scored

Result = TypeVar("Result")


def settings() -> Settings:
    """Return the settings. Raises BadInput where one is wrong."""
    return load_settings()


def workspace() -> Workspace:
    """Return the workspace the settings name."""
    return open_workspace(settings().home)


def store() -> Store:
    """Return this process's store. Raises BadInput where another process holds it."""
    return _open(settings())


def version() -> str:
    """Return a text that changes with the data, with every rebuild of a derived table, and when another model is served."""
    opened = store()
    built = ",".join(f"{stamp.name}@{stamp.built_at:%Y%m%d%H%M%S%f}" for stamp in derived.stamps(opened))
    return f"{opened.data_version()}:{built}:{registry.key(settings().home)}"


def read(function: Callable[..., Result], *args: Any) -> Result:
    """Return ``function(store, *args)``, computed once for each version and arguments (which must be plain values)."""
    name = f"{function.__module__}.{function.__qualname__}"
    result: Result = _read(str(settings().home), version(), name, args, function)
    return result


def index() -> Index:
    """Return what serving recommendations needs in memory, for the present version."""
    return _index(str(settings().home), version())


def scored(user_id: str) -> Scored:
    """Return a shopper's scored candidates: everything about their list but α. Their feedback is in it at once."""
    return _scored(str(settings().home), version(), user_id, stamp(store(), user_id))


def plan(user_id: str | None = None) -> Plan:
    """Return what lists are made by now, for a shopper."""
    from core.score.plan import live_plan

    return live_plan(store(), index(), user_id)


def encoder() -> Encoder:
    """Return the text encoder the settings name; the weights are loaded once."""
    return _encoder(settings())


def source(path: Path) -> Source:
    """Return what a file was found to be, inspected once for each content."""
    status = path.stat()
    return _source(path, status.st_mtime_ns, status.st_size)


def proposal(found: Source, kind: FileKind | None = None) -> Mapping:
    """Return how the file would be read, worked out once for each file, kind and version."""
    return _proposal(found.path, found.fingerprint, found.columns, kind, version(), found)


def set_aside(import_id: int) -> Source:
    """Return the rows set aside from an import as a source, so that their mapping can be corrected."""
    return _set_aside(str(settings().home), version(), import_id)


def close() -> None:
    """Drop every cache and release the store's file."""
    _scored.clear()
    _index.clear()
    _read.clear()
    _open.clear()


@st.cache_resource(show_spinner="Opening the store", on_release=lambda opened: opened.close(), hash_funcs={Settings: repr})
def _open(chosen: Settings) -> Store:
    return open_store(open_workspace(chosen.home), chosen)


@st.cache_data(show_spinner=False, max_entries=500)
def _read(home: str, version: str, name: str, args: tuple[Any, ...], _function: Callable[..., Any]) -> Any:
    return _function(store(), *args)


@st.cache_resource(show_spinner="Loading the item vectors", max_entries=1)
def _index(home: str, version: str) -> Index:
    from core.score.index import load_index

    return load_index(store(), settings())


@st.cache_resource(show_spinner=False, max_entries=64)
def _scored(home: str, version: str, user_id: str, said: Stamp) -> Scored:
    from core.score.recommend import score_shopper

    return score_shopper(store(), index(), user_id)


@st.cache_resource(show_spinner=False, max_entries=1, hash_funcs={Settings: lambda chosen: chosen.encoder})
def _encoder(chosen: Settings) -> Encoder:
    from core.represent.encoder import load_encoder

    return load_encoder(chosen)


@st.cache_resource(show_spinner=False, max_entries=16)
def _proposal(
    path: Path, fingerprint: str, columns: tuple[str, ...], kind: FileKind | None, version: str, _found: Source
) -> Mapping:
    from core.ingest.mapping import propose

    return propose(_found, store(), kind)


@st.cache_resource(show_spinner=False, max_entries=4)
def _set_aside(home: str, version: str, import_id: int) -> Source:
    from core.ingest.quarantine import as_source

    return as_source(store(), import_id)


@st.cache_resource(show_spinner="Looking into the file", max_entries=8)
def _source(path: Path, modified: int, size: int) -> Source:
    from core.ingest.source import inspect

    return inspect(path, workspace())
