"""Parse MLflow's references to versions of registered models: `models:/churn/3`.

Follows `mlflow.store.artifact.utils.models._parse_model_uri`: a version, an alias
(`models:/churn@champion`), a stage (`models:/churn/Production`) or `latest`. The id of a logged
model (`models:/m-…`) is not a registered model.
"""

from msgspec import Struct

SCHEME = "models:/"
# A version is a 32-bit integer; a server fails on a number too large for its database.
_DIGITS = 9


class ModelReference(Struct, frozen=True):
    """A reference by `version`, `alias` or `stage`, or by none of them for the latest."""

    name: str
    version: str | None = None
    alias: str | None = None
    stage: str | None = None


def is_model_reference(text: str) -> bool:
    """Return whether a model's name refers to MLflow's registry, not to a path or DVC."""
    return text.startswith(SCHEME)


def model_reference(text: str) -> ModelReference | None:
    """Parse a reference; `None` if it is not a version of a registered model."""
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
