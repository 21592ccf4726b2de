"""Verify a folder of evidence: make it again from Git, and name every difference."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from msgspec import Struct

from lineage_diff import __version__
from lineage_diff.app import Step
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.app.evidence.build import build_evidence
from lineage_diff.app.evidence.gate_record import RECORD_FILES, stated_file
from lineage_diff.app.evidence.manifest import (
    MANIFEST,
    EvidenceFile,
    Manifest,
    read_manifest,
)
from lineage_diff.app.evidence.subject import stated_subject
from lineage_diff.dvc.model_registry import read_model_registry
from lineage_diff.errors import InputError

# In bytes: a folder names some ten files.
_LARGEST_MANIFEST = 1_000_000
_LARGEST_RECORD = 100_000_000


class Difference(Struct, frozen=True):
    """A file of the folder that is not what Git gives, or a tag that names another commit.

    `changed`, `missing`, `extra`: of the file `name`. `moved-tag`: the tag `name` names `detail`
    now, `None` for no commit.
    """

    kind: Literal["changed", "missing", "extra", "moved-tag"]
    name: str
    detail: str | None = None


class Verification(Struct, frozen=True):
    """The result: the folder's manifest, and all differences; none if it is what Git gives.

    `files` counts those made again; the `given` ones were compared with the manifest alone.
    `version` is that of this program, to be compared with the one that wrote the folder.
    """

    manifest: Manifest
    differences: tuple[Difference, ...]
    files: int
    given: tuple[str, ...] = ()
    version: str = __version__


def verify_evidence(
    request: AuditRequest, folder: Path, step: Step = lambda _: None
) -> Verification:
    """Make the folder of the manifest's model and commit again, and compare each file.

    Raises `InputError` for a folder without a readable manifest, and if this clone does not have
    the commit or the model that it states.
    """
    data = _read(folder / MANIFEST, _LARGEST_MANIFEST)
    if data is None:
        raise InputError(
            "the folder has no manifest",
            hint="Name a folder that `lineage-diff evidence` wrote.",
            file=str(folder / MANIFEST),
        )
    manifest = read_manifest(data)
    given = tuple(file for file in manifest.files if file.given and file.name in RECORD_FILES)
    try:
        expected = build_evidence(stated_subject(request, manifest, step), given)
    except InputError as error:
        raise InputError(
            f"cannot make again what the manifest states: {error.message}",
            hint=error.hint,
            file=MANIFEST,
        ) from error
    step("compare")
    names = frozenset(expected) | {file.name for file in given}
    differences = (
        *_moved_tag(request, manifest),
        *(
            found
            for name, data in expected.items()
            if (found := _compare(folder / name, name, data)) is not None
        ),
        *(
            found
            for file in given
            if (found := _compare_given(folder / file.name, file)) is not None
        ),
        *(Difference("extra", name) for name in unexpected_files(folder, names)),
    )
    return Verification(manifest, differences, len(expected), tuple(file.name for file in given))


def unexpected_files(folder: Path, expected: frozenset[str]) -> list[str]:
    """Return the names in a folder that are not expected, sorted; none if there is no folder."""
    try:
        return sorted(entry.name for entry in folder.iterdir() if entry.name not in expected)
    except FileNotFoundError:
        return []


def _compare_given(path: Path, file: EvidenceFile) -> Difference | None:
    found = _read(path, min(file.size, _LARGEST_RECORD))
    if found is not None and stated_file(file.name, found, given=True) == file:
        return None
    return _difference(path, file.name)


def _compare(path: Path, name: str, data: bytes) -> Difference | None:
    return None if _read(path, len(data)) == data else _difference(path, name)


def _difference(path: Path, name: str) -> Difference:
    return Difference("changed" if path.is_symlink() or path.exists() else "missing", name)


def _read(path: Path, most: int) -> bytes | None:
    """Return the bytes of a file, one more than `most` at most; `None` for no file, or a link."""
    if path.is_symlink() or not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError:
        return None


def _moved_tag(request: AuditRequest, manifest: Manifest) -> Iterator[Difference]:
    version = manifest.version
    if version is None:
        return
    commits = {item.tag: item.commit for item in read_model_registry(request.repository)}
    commit = commits.get(version.tag)
    if commit != manifest.commit:
        yield Difference("moved-tag", version.tag, commit)
