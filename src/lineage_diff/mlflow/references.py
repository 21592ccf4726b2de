"""The names that MLflow gives versions of registered models: `models:/churn/3`.

As `mlflow.store.artifact.utils.models._parse_model_uri` reads them: a version, an alias
(`models:/churn@champion`), a stage (`models:/churn/Production`) or `latest`. The id of a logged
model (`models:/m-…`) names no registered model.
"""

from msgspec import Struct

SCHEME = "models:/"
# A version is an integer of 32 bits; a server fails at one that its database cannot hold.
_DIGITS = 9


class ModelReference(Struct, frozen=True):
    """One of `version`, `alias` and `stage`, or none of them for the latest version."""

    name: str
    version: str | None = None
    alias: str | None = None
    stage: str | None = None


def is_model_reference(text: str) -> bool:
    """Whether a model's name is one of MLflow's registry, and not a path or DVC's."""
    return text.startswith(SCHEME)


def model_reference(text: str) -> ModelReference | None:
    """Read a reference; `None` for what names no version of a registered model."""
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
    name, at, alias = name.rpartition("@")
    return ModelReference(name, alias=alias) if at and name.strip() and alias.strip() else None
