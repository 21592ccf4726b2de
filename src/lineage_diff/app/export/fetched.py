"""The models of a commit that are read from DVC's storage for the SHA-256 of their bytes."""

from collections.abc import Iterator

from lineage_diff.app.opened import Opened
from lineage_diff.catalog.commit_facts import ExportedCommit, Selection
from lineage_diff.catalog.facts import FileFact, UnknownFact
from lineage_diff.dvc.storage.objects import Unfetched
from lineage_diff.dvc.storage.open import open_storage
from lineage_diff.lineage.outputs import kept_outs


def fetched_facts(
    head: ExportedCommit, opened: Opened, selected: Selection | None
) -> Iterator[FileFact | UnknownFact]:
    """Yield the models that DVC's cache or the commit's remote has, or why one is unknown."""
    wanted = head.models.keys() if selected is None else selected.models
    storage = open_storage(opened.repository, opened.files, ())
    try:
        kept = {item.out.path: item for item in kept_outs(head.lineage, storage.roots)}
        for path in sorted(wanted & kept.keys()):
            stored = kept[path].stored
            found = storage.digest(stored.root, stored.hash, stored.remote)
            yield (
                UnknownFact(
                    repository=head.repository,
                    commit=head.commit,
                    subject=path,
                    reason=f"its SHA-256: {found.reason}",
                )
                if isinstance(found, Unfetched)
                else FileFact(
                    repository=head.repository,
                    commit=head.commit,
                    path=path,
                    blob=None,
                    md5=stored.hash.value,
                    sha256=found.sha256,
                    size=found.size,
                )
            )
    finally:
        storage.close()
