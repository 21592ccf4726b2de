"""The DVC files of a commit, and the models and metrics in Git, with the hashes of their bytes."""

from collections.abc import Iterator
from hashlib import md5, sha256

from lineage_diff.catalog.commit_facts import ExportedCommit, Selection
from lineage_diff.catalog.facts import FileFact
from lineage_diff.git.blobs import is_lfs_pointer
from lineage_diff.git.snapshot import Snapshot


def file_facts(
    head: ExportedCommit, files: Snapshot, selected: Selection | None
) -> Iterator[FileFact]:
    """Yield the files, sorted by path. A link, and a pointer of Git LFS, is left out."""
    oids = {
        path: entry.oid
        for path in sorted(_paths(head, selected))
        if (entry := files.entry(path)) is not None and entry.kind in ("file", "executable")
    }
    contents = dict(files.read_oids(dict.fromkeys(oids.values())))
    for path, oid in oids.items():
        content = contents.get(oid)
        if content is None or is_lfs_pointer(content):
            continue
        yield FileFact(
            repository=head.repository,
            commit=head.commit,
            path=path,
            blob=oid,
            md5=md5(content, usedforsecurity=False).hexdigest(),
            sha256=sha256(content).hexdigest(),
            size=len(content),
        )


def _paths(head: ExportedCommit, selected: Selection | None) -> set[str]:
    locks = {pipeline.file: pipeline.lock_file for pipeline in head.lineage.pipelines}
    stages = [
        stage for stage in head.lineage.stages if selected is None or stage.id in selected.stages
    ]
    found = {stage.file for stage in stages}
    found |= {lock for stage in stages if (lock := locks.get(stage.file)) is not None}
    found |= {out.path for stage in stages for out in stage.outs if not out.cache}
    return found | (head.models.keys() if selected is None else selected.models)
