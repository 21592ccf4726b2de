"""The versions of a commit, and whether the team's remote has them."""

from typing import Literal

from msgspec import Struct


class PushedOut(Struct, frozen=True):
    """One version that DVC keeps, and whether its remote has it.

    `stage` is the id of its stage, `target` the argument for `dvc push`. `hash` is as DVC writes
    it, `size` in bytes. `remote` is the remote's name, `None` if the base branch names none.

    `files` counts the stored files, of a directory as far as its listing is known; `asked` those
    that were looked for, and `missing` those of them that the remote lacks. `listing_missing`: it
    lacks the listing of the directory. `state` is `unknown` where not all could be looked for and
    none is missing, with the `reason`. `commit` wrote the lock entry or the `.dvc` file, `author`
    wrote that commit; `None` if they were not found quickly.
    """

    path: str
    stage: str
    target: str
    state: Literal["pushed", "missing", "unknown"]
    hash: str
    size: int | None = None
    remote: str | None = None
    files: int | None = None
    asked: int = 0
    missing: int = 0
    listing_missing: bool = False
    reason: str | None = None
    commit: str | None = None
    author: str | None = None
