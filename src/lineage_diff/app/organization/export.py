"""Read the facts of an export from the tables of an organization."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from lineage_diff.app import Step
from lineage_diff.app.organization.answers import StoreRequest, open_snapshot, stored_repositories
from lineage_diff.catalog.facts import Fact
from lineage_diff.catalog.formats import ScopeName
from lineage_diff.errors import InputError


class StoredExport(Struct, frozen=True):
    """The facts of one repository; its key in them."""

    repository: str
    facts: Iterator[Fact]


class StoredExports(Struct, frozen=True):
    """The exports of repositories, by their keys, to be read in this order.

    `without_head` are repositories of which the tables have the history alone.
    """

    items: Iterator[StoredExport]
    without_head: tuple[str, ...]


def read_exports(
    request: StoreRequest, names: Sequence[str], scope: ScopeName, step: Step = lambda _: None
) -> StoredExports:
    """Return the exports of the named repositories, or of all.

    Raises `InputError` as `open_snapshot` does, and for a name that the tables do not have.
    """
    # Imported late: this needs the extra.
    from lineage_diff.organization.answers.subject import repository_named
    from lineage_diff.organization.stored_facts import stored_facts

    step("store")
    snapshot = open_snapshot(request)
    step("questions")
    known = stored_repositories(snapshot)
    wanted = sorted({repository_named(snapshot, name, known) for name in names}) or known
    for name in wanted:
        if name not in known:
            raise InputError(f"the tables have no repository {name}", hint="Index it first.")
    rows = snapshot.rows("SELECT DISTINCT repository FROM generations ORDER BY repository")
    withdrawn = [str(row["repository"]) for row in rows if row["repository"] not in known]
    exports = (StoredExport(name, stored_facts(snapshot, name, scope)) for name in wanted)
    return StoredExports(exports, () if names else tuple(withdrawn))
