"""Export a commit in several formats at once, as files."""

from collections.abc import Iterable, Iterator, Mapping
from pkgutil import resolve_name

from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.app.export.facts import Scope, read_facts
from lineage_diff.catalog.facts import Fact, FileFact
from lineage_diff.catalog.formats import EXPORT_FORMATS, ExportFormat
from lineage_diff.errors import NoDvcError


def export_files(
    request: AuditRequest, formats: Iterable[str], address: str
) -> Mapping[str, bytes]:
    """Return the files of each format by `FORMAT/NAME`; none without a DVC project.

    The facts are read once. `address` is the URL of the repository. Raises `InputError` as
    `read_facts` and a writer do.
    """
    wanted = {name: EXPORT_FORMATS[name] for name in formats}
    scope = Scope(files=any(item.reads_files for item in wanted.values()), address=address)
    try:
        facts = tuple(read_facts(request, scope))
    except NoDvcError:
        return {}
    found: dict[str, list[bytes]] = {}
    for name, item in wanted.items():
        for part in resolve_name(item.writer)(_facts_for(item, facts)):
            found.setdefault(f"{name}/{part.file}", []).append(part.data)
    return {path: b"".join(parts) for path, parts in found.items()}


def _facts_for(wanted: ExportFormat, facts: Iterable[Fact]) -> Iterator[Fact]:
    return (fact for fact in facts if wanted.reads_files or not isinstance(fact, FileFact))
