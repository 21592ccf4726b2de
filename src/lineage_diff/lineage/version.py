"""What content a path holds, as DVC and Git name content: by hash, size and number of files."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hash:
    """A hash as DVC writes it.

    `algorithm` is DVC's `hash:` field: `md5` (DVC 3), `md5-dos2unix` (DVC 2, no `hash:` field),
    or the cloud's own `etag`, `checksum`, `version_id`; `git` for a blob or tree id where DVC
    keeps no hash. `value` ends in `.dir` for directories.
    """

    algorithm: str
    value: str

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.value}"

    @property
    def is_dir(self) -> bool:
        """Whether it names a directory's listing."""
        return self.value.endswith(".dir")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a path's content. `size` in bytes; `None` is unknown."""

    hash: Hash | None
    size: int | None = None
    nfiles: int | None = None
