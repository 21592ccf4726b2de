"""From the rows of the indexed commit back to its facts."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from lineage_diff.catalog.facts import (
    DatasetFact,
    EdgeFact,
    Fact,
    FreshnessFact,
    ModelFact,
    ReasonFact,
    RegisteredFact,
    RepositoryFact,
    StageFact,
)
from lineage_diff.catalog.formats import ScopeName
from lineage_diff.organization.part_reader import PartReader, commit_of, fact_of, metric_of


class StoredHead(Struct, frozen=True):
    """The indexed commit of a part: its facts, and what those of the runs need of it.

    `measured` are the models that each metrics file measures. `folders` are outs that are no
    models, and hold one. `in_force` are the runs that the commit still has.
    """

    repository: RepositoryFact
    facts: Sequence[Fact]
    measured: Mapping[str, tuple[str, ...]]
    folders: frozenset[str]
    in_force: frozenset[str]


def read_head(part: PartReader, scope: ScopeName) -> StoredHead:
    """Return the indexed commit; `scope` is that of the export."""
    (row,) = part.rows(
        "t.*, g.tool_version FROM repositories t "
        "JOIN generations g ON t.repository = g.repository AND t.generation = g.generation",
        "t.repository",
    )
    repository = fact_of(RepositoryFact, row, scope=scope)
    models = part.facts(ModelFact, "models", "path")
    registered = part.facts(RegisteredFact, "registry", "ordinal")
    measured = _measured(models)
    metrics = part.rows("t.* FROM metrics t", "file, key", "run IS NULL")
    known = {*(fact.path for fact in models), *(fact.path for fact in registered)}
    facts = (
        commit_of(row, repository.head),
        *part.unknowns("head"),
        *_declared(part),
        *models,
        *_freshness(part),
        *registered,
        *(metric_of(found, measured) for found in metrics),
    )
    outs = frozenset(model.out for model in models if model.out is not None)
    return StoredHead(repository, facts, measured, outs - known, frozenset(row["runs"]))


def _declared(part: PartReader) -> Iterator[Fact]:
    for row in part.rows("t.* FROM freshness t", "stage"):
        yield fact_of(StageFact, row, group=row["generated_by"])
    yield from part.facts(EdgeFact, "stage_edges", "downstream, upstream, dep, out")
    yield from part.facts(DatasetFact, "outs", "path, stage")


def _freshness(part: PartReader) -> Iterator[Fact]:
    for row in part.rows("t.* FROM freshness t", "stage", "freshness IS NOT NULL"):
        yield fact_of(FreshnessFact, row)
        for kind, subject, detail in zip(
            row["reasons"], row["subjects"], row["details"], strict=True
        ):
            yield fact_of(ReasonFact, row, kind=kind, subject=subject, detail=detail or None)


def _measured(models: Sequence[ModelFact]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for model in models:
        for file in model.metrics:
            found.setdefault(file, []).append(model.path)
    return {file: tuple(paths) for file, paths in found.items()}
