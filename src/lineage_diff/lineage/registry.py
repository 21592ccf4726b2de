"""Versions in a model registry of Git tags."""

from msgspec import Struct


class RegistryVersion(Struct, frozen=True):
    """A version that Git tags register, in GTO's format.

    `commit` is the tagged one. `stages` are its current stages, such as `prod`; `active` is false
    if it was deregistered or its artifact deprecated.
    """

    artifact: str
    version: str
    tag: str
    commit: str
    stages: tuple[str, ...] = ()
    active: bool = True
