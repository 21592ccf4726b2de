"""The texts of a commit's DVC files, all read at once."""

from collections.abc import Mapping

from lineage_diff.read import limits
from lineage_diff.read.project import LOCK, is_dvc_file
from lineage_diff.read.snapshot import Snapshot


def dvc_texts(snapshot: Snapshot) -> dict[str, bytes]:
    """Read the DVC files of a commit through one process, by blob id, up to `limits.DVC_BYTES`."""
    oids = {
        entry.oid
        for path, entry in snapshot.files().items()
        if entry.kind in ("file", "executable")
        and (is_dvc_file(path) or path.rpartition("/")[2] == LOCK)
    }
    found: dict[str, bytes] = {}
    size = 0
    for oid, text in snapshot.read_oids(sorted(oids)):
        size += len(text)
        if size > limits.DVC_BYTES:
            break
        found[oid] = text
    return found


def text_of(snapshot: Snapshot, path: str, texts: Mapping[str, bytes]) -> tuple[bytes, str]:
    """Return a file's bytes and blob id. Raises `InputError` where it cannot be read."""
    target = snapshot.resolve(path)
    entry = snapshot.entry(target) if target is not None else None
    oid = entry.oid if entry is not None else ""
    text = texts.get(oid)
    return (snapshot.read(path) if text is None else text), oid
