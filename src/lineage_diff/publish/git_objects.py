"""The ids of Git objects, before they are made. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects"""

from collections.abc import Mapping
from hashlib import sha1


def blob_id(content: bytes) -> str:
    """Return the id of a file's content."""
    return _id(b"blob", content)


def tree_id(files: Mapping[str, str]) -> str:
    """Return the id of a folder of plain files, given by name and blob id."""
    rows = (
        b"100644 %s\0%s" % (name.encode(), bytes.fromhex(files[name])) for name in sorted(files)
    )
    return _id(b"tree", b"".join(rows))


def commit_id(tree: str, who: str, seconds: int, message: str) -> str:
    """Return the id of a commit without parents, made and authored by `NAME <EMAIL>` in UTC."""
    signature = f"{who} {seconds} +0000"
    text = f"tree {tree}\nauthor {signature}\ncommitter {signature}\n\n{message}"
    return _id(b"commit", text.encode())


def _id(kind: bytes, content: bytes) -> str:
    return sha1(b"%s %d\0%s" % (kind, len(content), content), usedforsecurity=False).hexdigest()
