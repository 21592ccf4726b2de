"""What a model registry of Git tags knows."""

from msgspec import Struct


class RegistryVersion(Struct, frozen=True):
    """A version that Git tags register, as GTO writes them.

    `commit` is the one that is tagged. `stages` are those that it is in now, such as `prod`;
    `active` is false once it was deregistered, or its artifact deprecated.
    """

    artifact: str
    version: str
    tag: str
    commit: str
    stages: tuple[str, ...] = ()
    active: bool = True
