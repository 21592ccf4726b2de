"""Compute DVC's hashes from the bytes of Git blobs.

DVC 3 hashes the bytes of a file with MD5. DVC 2 (`md5-dos2unix`) first turns CRLF into LF in each
chunk that looks like text (`dvc_data.hashfile.hash`, `.istextfile`). A folder's hash is the MD5 of
the sorted JSON list of its files (`dvc_data.hashfile.tree`).
"""

import hashlib
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

MD5, DOS2UNIX = "md5", "md5-dos2unix"
ALGORITHMS = frozenset((MD5, DOS2UNIX))
LINE_ENDS = b"\n", b"\r\n"

_CHUNK = 2**20
_BLOCK = 512
_TEXT = bytes(range(32, 127)) + b"\n\r\t\f\b"
_MAX_NONTEXT = 0.30


def file_hash(content: bytes, algorithm: str, make: Callable[..., Any] = hashlib.md5) -> str:
    """Return the hash of a file's bytes in hexadecimal digits; `make` computes another one."""
    if algorithm == MD5 or b"\r\n" not in content:
        return str(make(content, usedforsecurity=False).hexdigest())
    digest = make(usedforsecurity=False)
    for start in range(0, len(content), _CHUNK):
        chunk = content[start : start + _CHUNK]
        digest.update(_to_unix(chunk) if _is_text(chunk[:_BLOCK]) else chunk)
    return str(digest.hexdigest())


def folder_hash(files: Mapping[str, str]) -> str:
    """Return a folder's hash, from its files' hashes by path relative to the folder."""
    # As `json.dumps` writes a list of objects, in a third of its time.
    rows = [
        f'{{"md5": {quoted(files[path])}, "relpath": {quoted(path)}}}' for path in sorted(files)
    ]
    text = f"[{', '.join(rows)}]".encode()
    return hashlib.md5(text, usedforsecurity=False).hexdigest() + ".dir"


def with_line_ends(content: bytes, ends: bytes) -> bytes:
    """Return a text with these ends of all its lines, of `LINE_ENDS`; non-text as it is."""
    if b"\n" not in content or not _is_text(content[:_BLOCK]):
        return content
    text = _to_unix(content)
    return text if ends == b"\n" else text.replace(b"\n", ends)


def _to_unix(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n")


def _is_text(block: bytes) -> bool:
    if b"\x00" in block:
        return False
    return not block or len(block.translate(None, _TEXT)) / len(block) <= _MAX_NONTEXT
