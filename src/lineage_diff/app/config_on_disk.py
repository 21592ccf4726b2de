"""Find a configuration on disk that differs from the one that counts."""

import os
from pathlib import Path

from lineage_diff import limits
from lineage_diff.config.loader import PATHS
from lineage_diff.git.repository import open_repository
from lineage_diff.git.snapshot import Snapshot


def uncommitted_configuration(
    repo: str | os.PathLike[str], head: str, trusted: str, config: str | None = None
) -> str | None:
    """Return the path of the configuration on disk if that of the revision `trusted` differs.

    `None` if they are equal, if there is none on disk, and if the commit `head` is not checked out.
    `config` is the path of the configuration, `None` for the default paths.
    """
    repository = open_repository(repo)
    root = repository.work_tree
    if root is None:
        return None
    paths = PATHS if config is None else (config,)
    on_disk = next((path for path in paths if Path(root, path).is_file()), None)
    if on_disk is None or repository.head() != head:
        return None
    text = _read(Path(root), on_disk)
    if text is None:
        return None
    files = repository.files_at(repository.resolve(trusted), paths)
    return on_disk if text != _committed(files, paths) else None


def _read(root: Path, path: str) -> bytes | None:
    """Return a file's text; `None` if it is outside of the work tree, too long or unreadable."""
    file = Path(root, path).resolve()
    if not file.is_relative_to(root.resolve()):
        return None
    try:
        text = file.read_bytes() if file.stat().st_size <= limits.POLICY_BYTES else None
    except OSError:
        return None
    return None if text is None else _unix_lines(text)


def _committed(files: Snapshot, paths: tuple[str, ...]) -> bytes | None:
    path = next((path for path in paths if files.resolve(path)), None)
    return None if path is None else _unix_lines(files.read(path))


def _unix_lines(text: bytes) -> bytes:
    # Git may write other line ends to the disk than it stores.
    return text.replace(b"\r\n", b"\n")
