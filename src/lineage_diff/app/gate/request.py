"""The request to check a promotion."""

import os

from msgspec import Struct

from lineage_diff.lineage.policy import Fetched


class GateRequest(Struct, frozen=True):
    """The promotion to check. `subject` is a model, a version of it, or a tag of the registry.

    `rev` is the commit of a model without a version, by default the one checked out. `stage` is
    the stage to promote to, if the subject does not name it. With `is_tag`, the subject is the
    exact name of a tag. The configuration is that of `policy`, by default the default branch;
    `config` is its path there. `fetch` is as for `compare`; `checkout` is the folder whose cache
    is used for it.
    """

    subject: str
    repo: str | os.PathLike[str] = "."
    rev: str | None = None
    stage: str | None = None
    is_tag: bool = False
    policy: str | None = None
    config: str | None = None
    fetch: tuple[Fetched, ...] | None = None
    checkout: str | os.PathLike[str] | None = None
