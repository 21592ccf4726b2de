"""The edges of every format are those of `json`; tests/oracle/test_export.py has those of DVC."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest

from lineage_diff.app.export.facts import Scope
from lineage_diff.catalog.facts import Fact, RunFact
from lineage_diff.catalog.formats import EXPORT_FORMATS
from tests.support.export_layout import write_layout
from tests.support.facts import Facts
from tests.support.git_repo import GitRepo

Link = tuple[str, set[str], set[str]]
"""A stage, with the names of the datasets that it used and made."""

Files = dict[str, bytes]
Edges = set[tuple[str, str]]
# Formats that link inputs with outputs leave out a stage without inputs, and so the edges from it.
SOURCES = {"dvc.yaml:split", "dvc.yaml:tune"}


@pytest.fixture
def layout(git_repo: GitRepo) -> GitRepo:
    git_repo.git("remote", "add", "origin", "git@github.com:acme/churn.git")
    write_layout(git_repo)
    return git_repo


def files_of(name: str, facts: Iterable[Fact]) -> Files:
    files: Files = {}
    for part in resolve_name(EXPORT_FORMATS[name].writer)(facts):
        files[part.file] = files.get(part.file, b"") + part.data
    return files


def joined(links: Iterable[Link]) -> Edges:
    """Return the edges between stages by the datasets that one made and the other used."""
    links = list(links)
    producers: dict[str, set[str]] = {}
    for stage, _, made in links:
        for name in made:
            producers.setdefault(name, set()).add(stage)
    return {
        (producer, stage)
        for stage, used, _ in links
        for name in used
        for producer in producers.get(name, ())
    }


def of_graph(files: Files) -> Edges:
    (data,) = files.values()
    return {(edge["upstream"], edge["downstream"]) for edge in json.loads(data)["edges"]}


def of_facts(files: Files) -> Edges:
    rows = [json.loads(line) for data in files.values() for line in data.splitlines()]
    stages = {row["run"]: row["stage"] for row in rows if row["fact"] == "run"}
    return {
        (stages[row["made_by"]], stages[row["run"]])
        for row in rows
        if row["fact"] == "input" and row["made_by"] is not None
    }


def of_events(files: Files) -> Edges:
    events = [json.loads(line) for data in files.values() for line in data.splitlines()]
    return joined(
        (
            event["job"]["name"],
            {f"{item['namespace']} {item['name']}" for item in event["inputs"]},
            {f"{item['namespace']} {item['name']}" for item in event["outputs"]},
        )
        for event in events
    )


def of_datahub(files: Files) -> Edges:
    (data,) = files.values()
    return joined(
        (
            _stage_of_job(item["entityUrn"]),
            set(item["aspect"]["json"]["inputDatasets"]),
            set(item["aspect"]["json"]["outputDatasets"]),
        )
        for item in json.loads(data)
        if item["aspectName"] == "dataJobInputOutput"
    )


def _stage_of_job(urn: str) -> str:
    """Return the stage of `urn:li:dataJob:(urn:li:dataFlow:(dvc,REPOSITORY/FILE,PROD),NAME)`."""
    flow, _, name = urn.removesuffix(")").rpartition(",")
    file = flow.split(",")[1].removeprefix("github.com/acme/churn/")
    return file if name == "import" else f"{file}:{name}"


def of_collibra(files: Files) -> Edges:
    """Return the edges between runs: a file with a command is named as its run."""
    return joined(
        (Path(link["source_code"]["path"]).stem, {_asset(link["src"])}, {_asset(link["trg"])})
        for link in json.loads(files["lineage.json"])
    )


def _asset(end: dict[str, Any]) -> str:
    return "/".join((end["nodes"][0]["name"], end["parent"]["name"], end["leaf"]["name"]))


def of_alation(files: Files) -> Edges:
    return joined(
        (
            flow["key"].removeprefix("api/github.com/acme/churn/"),
            {item["key"] for item in used},
            {item["key"] for item in made},
        )
        for data in files.values()
        for used, (flow,), made in json.loads(data)["paths"]
    )


def of_bill(files: Files) -> Edges:
    (data,) = files.values()
    document = json.loads(data)
    uses = {item["ref"]: item.get("dependsOn", []) for item in document["dependencies"]}
    return joined(
        (
            task["name"],
            # A part of an out, and a link to one, depend on it.
            {ref for used in _refs(task.get("inputs", ())) for ref in (used, *uses[used])},
            set(_refs(task.get("outputs", ()))),
        )
        for formula in document["formulation"]
        for workflow in formula["workflows"]
        for task in workflow["tasks"]
    )


def _refs(items: Iterable[dict[str, Any]]) -> Iterator[str]:
    for item in items:
        if "resource" in item:
            yield item["resource"]["ref"]


def of_statement(files: Files) -> Edges:
    (data,) = files.values()
    definition = json.loads(data)["predicate"]["buildDefinition"]
    runs = [
        definition["externalParameters"]["run"],
        *definition["internalParameters"]["upstreamRuns"],
    ]
    stages = {run["id"]: run["stage"] for run in runs}
    found = [
        item["annotations"] for item in definition["resolvedDependencies"] if "annotations" in item
    ]
    return {(stages[item["madeBy"]], stages[item["usedBy"]]) for item in found if "madeBy" in item}


READERS: dict[str, Callable[[Files], Edges]] = {
    "json": of_graph,
    "facts": of_facts,
    "openlineage": of_events,
    "datahub": of_datahub,
    "collibra": of_collibra,
    "alation": of_alation,
    "cyclonedx": of_bill,
    "in-toto": of_statement,
}
ALL = {
    ("dvc.yaml:split", "dvc.yaml:join"),
    ("dvc.yaml:join", "dvc.yaml:part"),
    ("dvc.yaml:join", "dvc.yaml:look"),
    ("dvc.yaml:part", "dvc.yaml:train"),
    ("raw.dvc", "dvc.yaml:train"),
    ("dvc.yaml:tune", "dvc.yaml:train"),
}


@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_the_edges_are_those_of_the_graph(layout: GitRepo, name: str) -> None:
    models = ("model.pkl",) if name == "in-toto" else ()
    scope = Scope(models=models, files=EXPORT_FORMATS[name].reads_files)
    facts = Facts(layout.path, scope)
    wanted = of_graph(files_of("json", facts.all))
    assert wanted == (ALL - {("dvc.yaml:join", "dvc.yaml:look")} if models else ALL)
    if name in ("collibra", "alation"):
        wanted = {edge for edge in wanted if edge[0] not in SOURCES}
    stages = {fact.run: fact.stage for fact in facts.of(RunFact)}
    found = READERS[name](files_of(name, facts.all))
    assert {
        (stages.get(producer, producer), stages.get(user, user)) for producer, user in found
    } == wanted
