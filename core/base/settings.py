"""Every setting of the product, read once from ``KINDRED_*`` environment variables and checked at start."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.base.errors import BadInput

PREFIX = "KINDRED_"


class Settings(BaseModel):
    """Settings with their units and defaults; ``KINDRED_ALPHA=0.6`` sets ``alpha``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Field(Path("data"), description="workspace folder; nothing outside it is written")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="log file detail")
    memory_mb: int = Field(1000, ge=256, description="memory DuckDB may use, MiB; above it spills to disk")
    threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, description="threads for SQL and torch")
    query_timeout_s: int = Field(600, ge=1, description="a single SQL statement is stopped after this, seconds")
    upload_limit_mb: int = Field(200, ge=1, description="largest file for the in-page uploader, MiB")
    encoder: str = Field("minilm", description="'minilm' (bundled), a Hugging Face id, or a model folder")
    precision: Literal["fp32", "bf16", "int8"] = Field("fp32", description="numbers the text encoder computes with")
    half_life_days: float = Field(30.0, gt=0, description="age at which an interaction counts half, days")
    alpha: float = Field(0.7, ge=0, le=1, description="weight of taste against quality in the score")
    seed: int = Field(7, ge=0, description="seed of everything random")


def load_settings(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Return the settings from the environment, ``overrides`` on top (None values are ignored).

    Raises BadInput naming the key when a value is out of range or a ``KINDRED_`` key is unknown.
    """
    env = os.environ if environ is None else environ
    known = set(Settings.model_fields)
    given = {key[len(PREFIX) :].lower(): value for key, value in env.items() if key.upper().startswith(PREFIX)}
    if unknown := sorted(set(given) - known):
        names = ", ".join(PREFIX + key.upper() for key in unknown)
        raise BadInput(f"Unknown setting {names}. Known settings: {', '.join(PREFIX + k.upper() for k in sorted(known))}.")
    values: dict[str, Any] = {**given, **{k: v for k, v in overrides.items() if v is not None}}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = PREFIX + str(first["loc"][0]).upper()
        raise BadInput(f"Setting {key}={first['input']!r} is not usable: {first['msg']}. Correct it and start again.") from None
