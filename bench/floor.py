"""What no reader of two revisions can do without: their blobs, and each lock of one parsed once.

python bench/floor.py REPOSITORY

The blobs are those of the DVC files, params, metrics and scripts of HEAD~1 and HEAD, each once, by
`git cat-file --batch`; the locks are HEAD's, by PyYAML's C loader.
"""

import subprocess
import sys

import yaml

_READ = (b"dvc.yaml", b"dvc.lock", b".dvc", b".json", b".py", b"params.yaml")


def main(repo: str) -> None:
    """Read and parse, and say nothing."""
    blobs = {oid: path for rev in ("HEAD~1", "HEAD") for oid, path in _tree(repo, rev)}
    text = _git(repo, "cat-file", "--batch", given=b"".join(oid + b"\n" for oid in blobs))
    locks = {oid for oid, path in _tree(repo, "HEAD") if path.endswith(b"dvc.lock")}
    at = 0
    while at < len(text):
        end = text.index(b"\n", at)
        oid, _, size = text[at:end].split()
        content = text[end + 1 : end + 1 + int(size)]
        if oid in locks:
            yaml.load(content, Loader=yaml.CSafeLoader)
        at = end + int(size) + 2


def _tree(repo: str, rev: str) -> list[tuple[bytes, bytes]]:
    rows = _git(repo, "ls-tree", "-r", "-z", rev).split(b"\0")[:-1]
    found = [row.split(b"\t", 1) for row in rows]
    return [(meta.split()[2], path) for meta, path in found if path.endswith(_READ)]


def _git(repo: str, *arguments: str, given: bytes = b"") -> bytes:
    command = ["git", "-C", repo, *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout


if __name__ == "__main__":
    main(sys.argv[1])
