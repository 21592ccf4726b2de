"""Find locked versions of scripts that were never committed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from lineage_diff.dvc.hashes import ALGORITHMS, LINE_ENDS, file_hash, with_line_ends
from lineage_diff.lineage.code_usage import UncommittedCode
from lineage_diff.lineage.graph import build_graph
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Stage
from lineage_diff.lineage.version import Content, Hash

# No notebooks: cleaning filters commit another text than the one that ran.
_CODE = (".py", ".R", ".r", ".sh", ".jl", ".sql", ".js", ".ts", ".scala", ".do", ".m", ".pl")


class BlobHistory(Protocol):
    """The interface of a Git repository for this check."""

    @property
    def is_shallow(self) -> bool:
        """Whether the history was cut when it was cloned."""

    def blobs_named(
        self, names: Iterable[str], commit: str
    ) -> Mapping[str, tuple[str, ...]] | None:
        """Return, by file name, the ids of all blobs with that name; `None` for too many."""

    def read_oids(self, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield the bytes of blobs, without the missing ones."""


def uncommitted_code(
    repository: BlobHistory, lineage: Lineage, contents: Mapping[str, Content]
) -> tuple[UncommittedCode, ...]:
    """Return the locked versions of scripts in Git that no reachable commit contains.

    `contents` is what Git holds at the commit's deps, by path.
    A script may have been moved since, so files with its name count in every folder. Returns
    nothing for a clone without the whole history.
    """
    wanted = list(_differing_scripts(lineage, contents))
    if not wanted or repository.is_shallow:
        return ()
    names = {path.rpartition("/")[2] for _, path, _ in wanted}
    blobs = repository.blobs_named(sorted(names), lineage.commit)
    if blobs is None:
        return ()
    hashes = _hashes(repository, blobs)
    found = [
        UncommittedCode(stage.id, path, str(hash_))
        for stage, path, hash_ in wanted
        if hashes.get(path.rpartition("/")[2])
        and hash_.value not in hashes[path.rpartition("/")[2]]
    ]
    return tuple(sorted(found, key=lambda item: (item.stage, item.path)))


def _differing_scripts(
    lineage: Lineage, contents: Mapping[str, Content]
) -> Iterator[tuple[Stage, str, Hash]]:
    """Yield the script deps whose locked hash differs from the commit's content."""
    producers = build_graph(lineage.stages).producers
    for stage in lineage.stages:
        if stage.is_dvcfile:
            continue
        for dep in stage.deps:
            hash_ = dep.locked.hash if dep.locked is not None else None
            content = contents.get(dep.path)
            if hash_ is None or content is None or content.kind != "file" or dep.path in producers:
                continue
            if not dep.path.endswith(_CODE) or hash_.algorithm not in ALGORITHMS:
                continue
            here = (*content.versions, *content.eol_versions)
            if content.unknown is None and hash_ not in [version.hash for version in here]:
                yield stage, dep.path, hash_


def _hashes(
    repository: BlobHistory, blobs: Mapping[str, tuple[str, ...]]
) -> dict[str, frozenset[str]]:
    """Return, by file name, the blobs' hashes in both of DVC's schemes, with either line ends.

    A name with a missing blob is left out: the missing blob may be the one that ran.
    """
    by_oid: dict[str, set[str]] = {}
    for oid, content in repository.read_oids(
        sorted({oid for ids in blobs.values() for oid in ids})
    ):
        texts = {content, *(with_line_ends(content, ends) for ends in LINE_ENDS)}
        by_oid[oid] = {
            digest
            for text in texts
            for algorithm in sorted(ALGORITHMS)
            if (digest := file_hash(text, algorithm)) is not None
        }
    return {
        name: frozenset(digest for oid in ids for digest in by_oid[oid])
        for name, ids in blobs.items()
        if all(oid in by_oid for oid in ids)
    }
