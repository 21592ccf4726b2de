"""Answer a question to the tables of an organization."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff import __version__
from lineage_diff.app import Step
from lineage_diff.app.organization.opened import open_store
from lineage_diff.errors import InputError
from lineage_diff.organization.address import store_address
from lineage_diff.report.organization.answers import OrganizationUnknown
from lineage_diff.report.organization.report import OrganizationReport, QuestionName
from lineage_diff.report.report import Tool

if TYPE_CHECKING:
    from lineage_diff.organization.delta import QueryAnswer
    from lineage_diff.organization.snapshot import StoreSnapshot

_ORDER = ("repository", "subject", "reason")


class StoreRequest(Struct, frozen=True):
    """The address of the tables, and the version or date that the answer is of."""

    url: str
    as_of: str | None = None


def open_snapshot(request: StoreRequest) -> "StoreSnapshot":
    """Open the tables. Raises `InputError` without the extra, and if they cannot be read."""
    store = open_store(store_address(request.url))
    # Imported late: this needs the extra.
    from lineage_diff.organization.snapshot import StoreSnapshot

    return StoreSnapshot(store, request.as_of)


def configured_store(repo: str, config: str | None) -> str:
    """Return the address in the configuration of the commit checked out. Raises `InputError`."""
    # Imported late: with `--from` no repository is needed.
    from lineage_diff.config.loader import read_policy
    from lineage_diff.git.repository import open_repository

    repository = open_repository(repo)
    policy = read_policy(repository.snapshot(repository.head()), config)
    if policy.organization is None:
        raise InputError(
            "no address of the tables",
            hint="Name it with --from, or under `organization` in the configuration.",
        )
    return policy.organization


def ask_impact(
    request: StoreRequest, subject: str, step: Step = lambda _: None
) -> OrganizationReport:
    """Return the models made from a hash or `REPO:PATH[@REV]`. Raises `InputError`."""
    from lineage_diff.organization.answers.impact import find_impact
    from lineage_diff.organization.answers.subject import data_question

    snapshot = _open(request, step)
    question = data_question(snapshot, subject, stored_repositories(snapshot))
    answer = find_impact(snapshot, question)
    return _report(snapshot, "impact", answer.unknowns, impact=answer.impact)


def ask_trace(
    request: StoreRequest, subject: str, step: Step = lambda _: None
) -> OrganizationReport:
    """Return all that a version of a model was made from. Raises `InputError`."""
    from lineage_diff.organization.answers.trace import find_trace

    snapshot = _open(request, step)
    answer = find_trace(snapshot, subject, stored_repositories(snapshot))
    return _report(snapshot, "trace", answer.unknowns, trace=answer.trace)


def ask_stale(request: StoreRequest, step: Step = lambda _: None) -> OrganizationReport:
    """Return the models that are stale or unknown, and the outdated imports."""
    return _ask_models(request, step, "stale", "stale_models")


def ask_models(request: StoreRequest, step: Step = lambda _: None) -> OrganizationReport:
    """Return the models of all indexed commits, and the outdated imports."""
    return _ask_models(request, step, "models", "models_now")


def _ask_models(
    request: StoreRequest, step: Step, question: QuestionName, view: str
) -> OrganizationReport:
    from lineage_diff.organization.answers.inventory import (
        models_now,
        outdated_imports,
        unknown_imports,
    )

    snapshot = _open(request, step)
    return _report(
        snapshot,
        question,
        tuple(unknown_imports(snapshot)),
        models=tuple(models_now(snapshot, view)),
        outdated_imports=tuple(outdated_imports(snapshot)),
    )


def run_sql(request: StoreRequest, sql: str) -> "QueryAnswer":
    """Begin one query on the views. Raises `InputError`, also later, with its rows.

    Anything that writes is an error.
    """
    snapshot = open_snapshot(request)
    query = sql.strip().rstrip(";")
    # A table that cannot be opened is no fault of the query.
    snapshot.open_tables(query)
    with _query_errors():
        # As a part of another query, only a query is possible.
        for _ in snapshot.rows(f"EXPLAIN SELECT * FROM (\n{query}\n) AS question"):  # noqa: S608
            pass
        answer = snapshot.answer(query)

    def rows() -> Iterator[Mapping[str, Any]]:
        with _query_errors():
            yield from answer.rows

    found: QueryAnswer = replace(answer, rows=rows())
    return found


@contextmanager
def _query_errors() -> Iterator[None]:
    """Raise an `InputError` again, as one of the query."""
    try:
        yield
    except InputError as error:
        reason = str(error.__cause__ or error).strip().partition("\n")[0]
        raise InputError(
            f"the query cannot be run: {reason}",
            hint="Write one SELECT; `lineage-diff org sql --views` prints the views.",
        ) from error


def _open(request: StoreRequest, step: Step) -> "StoreSnapshot":
    step("store")
    snapshot = open_snapshot(request)
    step("questions")
    return snapshot


def stored_repositories(snapshot: "StoreSnapshot") -> Sequence[str]:
    """Return the indexed repositories, sorted. Raises `InputError` if there is none."""
    found = [str(row["repository"]) for row in snapshot.rows("SELECT repository FROM repositories")]
    if not found:
        raise InputError(
            "the tables have no repository", hint="Run `lineage-diff index --to URL` first."
        )
    return sorted(found)


def _report(
    snapshot: "StoreSnapshot",
    question: QuestionName,
    unknowns: Sequence[OrganizationUnknown],
    **answers: Any,
) -> OrganizationReport:
    from lineage_diff.organization.answers.gaps import gaps

    trace = answers.get("trace")
    found = {
        *unknowns,
        *gaps(
            snapshot,
            with_history=question in ("impact", "trace"),
            of=trace.repositories if trace is not None else None,
        ),
    }
    return OrganizationReport(
        tool=Tool("lineage-diff", __version__),
        store=snapshot.state(),
        question=question,
        unknowns=tuple(
            sorted(found, key=lambda item: tuple(str(getattr(item, name)) for name in _ORDER))
        ),
        **answers,
    )
