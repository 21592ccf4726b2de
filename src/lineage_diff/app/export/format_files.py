"""Export a commit in several formats at once, as files."""

from collections.abc import Iterable, Mapping
from pkgutil import resolve_name

from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.app.export.facts import Scope, read_facts
from lineage_diff.catalog.formats import EXPORT_FORMATS
from lineage_diff.errors import NoDvcError


def export_files(
    request: AuditRequest, formats: Iterable[str], address: str
) -> Mapping[str, bytes]:
    """Return the files of each format by `FORMAT/NAME`; none without a DVC project.

    `address` is the URL of the repository. Raises `InputError` as `read_facts` and a writer do.
    """
    files: dict[str, bytes] = {}
    for name in formats:
        wanted = EXPORT_FORMATS[name]
        found: dict[str, list[bytes]] = {}
        try:
            facts = read_facts(request, Scope(files=wanted.reads_files, address=address))
        except NoDvcError:
            return {}
        for part in resolve_name(wanted.writer)(facts):
            found.setdefault(f"{name}/{part.file}", []).append(part.data)
        files |= {path: b"".join(parts) for path, parts in found.items()}
    return files
