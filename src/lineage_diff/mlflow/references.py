"""Parse MLflow's references to versions of registered models: `models:/churn/3`.

Follows `mlflow.store.artifact.utils.models._parse_model_uri`: a version, an alias
(`models:/churn@champion`), a stage (`models:/churn/Production`) or `latest`, or the id of a logged
model of MLflow 3 (`models:/m-…`), which need not be registered.
"""

import re

from msgspec import Struct

SCHEME = "models:/"
# A version is a 32-bit integer; a server fails on a number too large for its database.
_DIGITS = 9
# `m-` and a UUID in hexadecimal digits (`mlflow.store.tracking`).
_LOGGED = re.compile(r"m-[0-9a-f]{32}")


class ModelReference(Struct, frozen=True):
    """A reference by `version`, `alias` or `stage`, or by none of them for the latest.

    One to a logged model `is_logged`, and has its id as name.
    """

    name: str
    version: str | None = None
    alias: str | None = None
    stage: str | None = None
    is_logged: bool = False


def is_model_reference(text: str) -> bool:
    """Return whether a model's name refers to MLflow's registry, not to a path or DVC."""
    return text.startswith(SCHEME)


def model_reference(text: str) -> ModelReference | None:
    """Parse a reference; `None` if it is neither a registered version nor a logged model."""
    name, slash, suffix = text.removeprefix(SCHEME).lstrip("/").partition("/")
    if not is_model_reference(text) or "/" in suffix:
        return None
    if slash:
        if not name.strip() or not suffix.strip():
            return None
        if suffix.isdigit():
            fits = suffix.isascii() and len(suffix) <= _DIGITS
            return ModelReference(name, version=suffix) if fits else None
        if suffix.lower() == "latest":
            return ModelReference(name)
        return ModelReference(name, stage=suffix)
    if _LOGGED.fullmatch(name):
        return ModelReference(name, is_logged=True)
    name, at, alias = name.rpartition("@")
    return ModelReference(name, alias=alias) if at and name.strip() and alias.strip() else None
