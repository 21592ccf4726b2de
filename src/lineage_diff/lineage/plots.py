"""Plots as DVC files declare them."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct


class PlotDefinition(Struct, frozen=True):
    """An entry of a `dvc.yaml`'s top-level `plots`: a path or a name, and its properties.

    Both as written; paths are relative to the folder of `file`.
    """

    file: str
    name: str
    props: Mapping[str, Any]


class PlotSource(Struct, frozen=True):
    """A data file or folder of a `dvc.yaml`'s `plots`.

    `oid` is its Git id, `None` if Git does not track it.
    """

    path: str
    file: str
    oid: str | None = None
