"""The facts of an export, from real repositories."""

import re
import types
import typing
from pathlib import Path
from typing import Any, Literal, get_args, get_origin
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
import pytest

from lineage_diff.app.export.facts import Scope
from lineage_diff.catalog.facts import (
    AnyFact,
    CommitFact,
    EdgeFact,
    Fact,
    FreshnessFact,
    ImportFact,
    InputFact,
    MetricFact,
    ModelFact,
    OutputFact,
    ParamFact,
    RegisteredFact,
    RepositoryFact,
    RunFact,
    StageFact,
    UnknownFact,
)
from lineage_diff.catalog.identity import NAMESPACE, outside_address, without_credentials
from lineage_diff.catalog.recent_ledger import KEPT
from lineage_diff.catalog.run_facts import typed_value
from lineage_diff.errors import InputError
from tests.support.audit_repo import AuditRepo, content, past_repo
from tests.support.facts import Facts
from tests.support.git_repo import GitRepo

PAGE = Path(__file__).parents[2] / "docs" / "export.md"
KINDS: tuple[type[Fact], ...] = get_args(AnyFact)
ALL = Scope(whole=True)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> AuditRepo:
    repo = past_repo(tmp_path_factory.mktemp("facts"))
    repo.git("remote", "add", "origin", "git@github.com:acme/churn.git")
    return repo


def test_the_facts_of_a_commit(past: AuditRepo) -> None:
    facts = Facts(past.path)
    (repository,) = facts.of(RepositoryFact)
    assert repository.repository == "github.com/acme/churn"
    assert (repository.head, repository.scope) == (past.commits["moved"], "commit")
    assert [(fact.stage, fact.kind) for fact in facts.of(StageFact)] == [
        ("data.csv.dvc", "add"),
        ("dvc.yaml:train", "stage"),
    ]
    assert [(fact.upstream, fact.downstream) for fact in facts.of(EdgeFact)] == [
        ("data.csv.dvc", "dvc.yaml:train")
    ]
    (model,) = facts.of(ModelFact)
    assert (model.path, model.name, model.hash) == (
        "models/churn.pkl",
        "churn",
        f"md5:{content('four')}",
    )
    assert [(fact.stage, fact.freshness) for fact in facts.of(FreshnessFact)] == [
        ("data.csv.dvc", "fresh"),
        ("dvc.yaml:train", "fresh"),
    ]
    assert [(fact.version, fact.path, fact.stages) for fact in facts.of(RegisteredFact)] == [
        ("v1.0.0", "model.pkl", ()),
        ("v1.1.0", "model.pkl", ("prod",)),
        ("v2.0.0", "model.pkl", ()),
    ]
    runs = {fact.stage: fact for fact in facts.of(RunFact)}
    assert {stage: (run.commit, run.current) for stage, run in runs.items()} == {
        "data.csv.dvc": (past.commits["good data"], True),
        "dvc.yaml:train": (past.commits["moved"], True),
    }
    train = runs["dvc.yaml:train"].run
    assert [(fact.path, fact.kind, fact.made_by) for fact in facts.of(InputFact)] == [
        ("data.csv", "data", runs["data.csv.dvc"].run),
        ("train.py", "code", None),
        ("params.yaml", "params", None),
    ]
    outs = [(fact.path, fact.is_model) for fact in facts.of(OutputFact) if fact.run == train]
    assert outs == [("metrics.json", False), ("models/churn.pkl", True)]
    assert [(fact.key, fact.type, fact.value) for fact in facts.of(ParamFact)] == [
        ("lr", "integer", 2)
    ]
    assert [(fact.key, fact.value, fact.run, fact.models) for fact in facts.of(MetricFact)] == [
        ("accuracy", 0.9, train, ("models/churn.pkl",))
    ]


def test_an_older_run_that_a_current_one_used(past: AuditRepo) -> None:
    """At `good data` the model is that of the data before: its run used that."""
    facts = Facts(past.path, rev=past.commits["good data"])
    runs = {fact.run: fact for fact in facts.of(RunFact)}
    found = [(run.stage, run.commit, run.current) for run in runs.values()]
    assert found == [
        ("data.csv.dvc", past.commits["bad data"], False),
        ("dvc.yaml:train", past.commits["other lr"], True),
        ("data.csv.dvc", past.commits["good data"], True),
    ]
    (used,) = (fact for fact in facts.of(InputFact) if fact.path == "data.csv")
    assert runs[str(used.made_by)].commit == past.commits["bad data"]
    assert used.hash == used.out_hash == f"md5:{content('bad')}"


def test_the_facts_of_a_history(past: AuditRepo) -> None:
    facts = Facts(past.path, ALL)
    names = {commit: name for name, commit in past.commits.items()}
    runs = {fact.run: fact for fact in facts.of(RunFact)}
    assert [(names[run.commit], run.stage) for run in runs.values()] == [
        ("first", "data.csv.dvc"),
        ("first", "dvc.yaml:train"),
        ("bad data", "data.csv.dvc"),
        ("bad data", "dvc.yaml:train"),
        ("other lr", "dvc.yaml:train"),
        ("good data", "data.csv.dvc"),
        ("retrained", "dvc.yaml:train"),
        ("moved", "dvc.yaml:train"),
    ]
    assert {run.current for run in runs.values()} == {None}
    producers = [
        (names[runs[fact.run].commit], names[runs[str(fact.made_by)].commit])
        for fact in facts.of(InputFact)
        if fact.path == "data.csv"
    ]
    assert producers == [
        ("first", "first"),
        ("bad data", "bad data"),
        ("other lr", "bad data"),
        ("retrained", "good data"),
        ("moved", "good data"),
    ]
    assert [fact.value for fact in facts.of(MetricFact)] == [0.8, 0.6, 0.7, 0.9, 0.9]
    models = [fact.path for fact in facts.of(OutputFact) if fact.is_model]
    assert models == ["model.pkl"] * 4 + ["models/churn.pkl"]
    assert [(names[str(fact.commit)], fact.subject) for fact in facts.of(UnknownFact)] == [
        ("broken lock", "dvc.lock")
    ]


def test_since_a_commit_only_what_came_after_it(past: AuditRepo) -> None:
    facts = Facts(past.path, Scope(since=past.commits["other lr"]))
    commits = [fact.commit for fact in facts.of(RunFact)]
    assert commits == [past.commits[name] for name in ("good data", "retrained", "moved")]
    # What made the inputs is known from before.
    assert all(fact.made_by for fact in facts.of(InputFact) if fact.path == "data.csv")


@pytest.mark.parametrize("name", ["first", "bad data", "other lr", "retrained", "moved"])
def test_a_run_is_the_same_in_each_export(past: AuditRepo, name: str) -> None:
    def shown(facts: Facts) -> dict[str, list[Fact]]:
        found: dict[str, list[Fact]] = {}
        for fact in facts.all:
            run = getattr(fact, "run", None)
            if run is not None and not isinstance(fact, MetricFact):
                if isinstance(fact, RunFact):
                    fact = msgspec.structs.replace(fact, current=None)
                found.setdefault(run, []).append(fact)
        return found

    whole, commit = shown(Facts(past.path, ALL)), shown(Facts(past.path, rev=past.commits[name]))
    assert commit == {run: whole[run] for run in commit}


@pytest.mark.parametrize(
    "scope", [Scope(), ALL, Scope(since="HEAD~2"), Scope(whole=True, models=("churn",))]
)
def test_what_is_named_came_before(past: AuditRepo, scope: Scope) -> None:
    commits, runs, kinds = set(), set(), []
    for fact in Facts(past.path, scope).all:
        kinds.append(type(fact))
        if isinstance(fact, CommitFact):
            assert fact.commit not in commits
            commits.add(fact.commit)
        elif isinstance(fact, RunFact):
            assert fact.run not in runs
            assert fact.commit in commits
            runs.add(fact.run)
        elif getattr(fact, "run", None) is not None:
            assert getattr(fact, "run", None) in runs
    assert kinds[:2] == [RepositoryFact, CommitFact]


def test_selected_models_have_what_is_behind_them(past: AuditRepo) -> None:
    facts = Facts(past.path, Scope(models=("churn",)))
    assert {fact.stage for fact in facts.of(RunFact)} == {"data.csv.dvc", "dvc.yaml:train"}
    by_version = Facts(past.path, Scope(models=("churn@v1.1.0",)))
    assert by_version.of(RepositoryFact)[0].head == past.commits["bad data"]
    with pytest.raises(InputError, match="no model 'chum'"):
        Facts(past.path, Scope(models=("chum",)))


def test_selected_models_of_a_history(past: AuditRepo) -> None:
    """All runs that made a version, also at its earlier path; the data that no run used is out."""
    whole = Facts(past.path, ALL)
    facts = Facts(past.path, Scope(whole=True, models=("churn",)))
    assert facts.of(RunFact) == whole.of(RunFact)
    assert facts.of(MetricFact) == whole.of(MetricFact)
    data = Facts(past.path, Scope(whole=True, models=("data.csv",)))
    names = {commit: name for name, commit in past.commits.items()}
    assert [(names[run.commit], run.stage) for run in data.of(RunFact)] == [
        ("first", "data.csv.dvc"),
        ("bad data", "data.csv.dvc"),
        ("good data", "data.csv.dvc"),
    ]
    assert [fact.stage for fact in data.of(StageFact)] == ["data.csv.dvc"]
    assert data.of(UnknownFact) == whole.of(UnknownFact)
    known = {msgspec.json.encode(fact) for fact in whole.all}
    assert [fact for fact in data.all if msgspec.json.encode(fact) not in known] == []
    since = Facts(past.path, Scope(since=past.commits["other lr"], models=("churn",)))
    assert [names[run.commit] for run in since.of(RunFact)] == ["good data", "retrained", "moved"]
    by_version = Facts(past.path, Scope(whole=True, models=("churn@v1.1.0",)))
    assert {names[run.commit] for run in by_version.of(RunFact)} == {"first", "bad data"}


LAYOUT = {
    ".dvc/config": "",
    "dvc.yaml": """stages:
  split: {cmd: s, deps: [raw], outs: [data/a, data/b]}
  join: {cmd: j, deps: [data, 's3://me:secret@bucket/key?token=t'], outs: [all]}
  part: {cmd: p, deps: [all/part.csv], outs: [part]}
  tune: {cmd: t, outs: [best.yaml]}
  train: {cmd: [one, two], deps: [part], params: [best.yaml: [lr]], outs: [model.pkl]}
""",
    "dvc.lock": """schema: '2.0'
stages:
  split:
    cmd: s
    deps: [{path: raw, md5: 11111111111111111111111111111111.dir, size: 5, nfiles: 2}]
    outs: [{path: data/a, md5: 2}, {path: data/b, md5: 3}]
  join:
    cmd: j
    deps:
    - {path: data, md5: 44444444444444444444444444444444.dir}
    - {path: 's3://me:secret@bucket/key?token=t', etag: e}
    outs: [{path: all, md5: 5.dir}]
  part: {cmd: p, deps: [{path: all/part.csv, md5: 6}], outs: [{path: part, md5: 7}]}
  tune: {cmd: t, outs: [{path: best.yaml, md5: 8}]}
  train:
    cmd: [one, two]
    deps: [{path: part, md5: 7}]
    params: {best.yaml: {lr: 0.5}}
    outs: [{path: model.pkl, md5: 9}]
""",
    "raw.dvc": """md5: 9
frozen: true
deps:
- path: raw
  repo: {url: 'https://me:token@example.com/data.git', rev: main, rev_lock: abc}
outs: [{path: raw, md5: 11111111111111111111111111111111.dir, size: 5, nfiles: 2}]
""",
}


@pytest.mark.parametrize("scope", [Scope(), ALL])
def test_each_part_of_an_input_has_its_producer(git_repo: GitRepo, scope: Scope) -> None:
    for path, text in LAYOUT.items():
        git_repo.write(path, text)
    git_repo.commit()
    facts = Facts(git_repo.path, scope)
    stages = {fact.run: fact.stage.removeprefix("dvc.yaml:") for fact in facts.of(RunFact)}
    found = [
        (stages[fact.run], fact.path, fact.kind, fact.made_by and stages[fact.made_by], fact.out)
        for fact in facts.of(InputFact)
    ]
    assert found == [
        ("join", "data", "data", "split", "data/a"),
        ("join", "data", "data", "split", "data/b"),
        ("join", "s3://bucket/key", "data", None, None),
        ("part", "all/part.csv", "data", "join", "all"),
        ("split", "raw", "import", "raw.dvc", "raw"),
        ("train", "part", "data", "part", "part"),
        ("train", "best.yaml", "params", "tune", "best.yaml"),
    ]
    (outside,) = (fact for fact in facts.of(InputFact) if fact.url is not None)
    assert (outside.url, outside.hash) == ("s3://bucket/key", "etag:e")
    (source,) = facts.of(ImportFact)
    assert source.source_repository == "example.com/data"
    assert (source.source, source.path, source.rev, source.rev_lock) == (
        "https://example.com/data.git",
        "raw",
        "main",
        "abc",
    )
    commands = {fact.address: fact.command for fact in facts.of(StageFact)}
    assert (commands["train"], commands["raw.dvc"]) == ("one\ntwo", None)
    first = git_repo.git("rev-parse", "HEAD").strip()
    assert facts.of(RepositoryFact)[0].repository == f"commit:{first}"


def test_versions_of_long_ago_are_forgotten_in_a_history(git_repo: GitRepo) -> None:
    git_repo.write(".dvc/config", "")
    for number in range(KEPT + 2):
        git_repo.write("raw.csv.dvc", f"outs: [{{path: raw.csv, md5: a{number}}}]\n")
        git_repo.commit()
    git_repo.write("dvc.yaml", "stages: {s: {cmd: s, deps: [raw.csv], outs: [out]}}\n")
    for version, is_known in ((0, False), (KEPT, True)):
        lock = (
            f"{{cmd: s, deps: [{{path: raw.csv, md5: a{version}}}], outs: [{{path: out, md5: b}}]}}"
        )
        git_repo.write("dvc.lock", f"schema: '2.0'\nstages:\n  s: {lock}\n")
        git_repo.commit()
        (fact,) = Facts(git_repo.path, Scope(since="HEAD~1")).of(InputFact)
        assert (fact.made_by is not None) == is_known
        (fact,) = Facts(git_repo.path).of(InputFact)
        assert fact.made_by is not None


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        (None, ("null", None)),
        (True, ("boolean", True)),
        (3, ("integer", 3)),
        (2**63, ("string", str(2**63))),
        (0.5, ("number", 0.5)),
        (float("inf"), ("string", "inf")),
        ("x", ("string", "x")),
        ([1, {"b": 2, "a": None}], ("json", '[1, {"a": null, "b": 2}]')),
    ],
)
def test_values_have_a_type(value: Any, typed: tuple[str, Any]) -> None:
    assert typed_value(value) == typed


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://me:secret@example.com/x.git", "https://example.com/x.git"),
        ("https://me:p@ss@example.com/x", "https://example.com/x"),
        ("https://example.com/x?sig=secret#f", "https://example.com/x"),
        ("me:secret@example.com:x.git", "me@example.com:x.git"),
        ("git@example.com:x.git", "git@example.com:x.git"),
        ("azure://container/key@v", "azure://container/key@v"),
        ("/srv/data", "/srv/data"),
    ],
)
def test_no_address_has_credentials(address: str, shown: str) -> None:
    assert without_credentials(address) == shown


@pytest.mark.parametrize(
    ("path", "address"),
    [("data/a", None), ("../x", "../x"), ("C:\\data", "C:\\data"), ("s3://b/k", "s3://b/k")],
)
def test_what_lies_outside_has_an_address(path: str, address: str | None) -> None:
    assert outside_address(path) == address


def test_the_namespace_of_ids_stays() -> None:
    assert uuid5(NAMESPACE_URL, "https://github.com/lineage-diff/lineage-diff") == NAMESPACE
    assert isinstance(NAMESPACE, UUID)


def _name_of(type_: Any) -> str:
    if get_origin(type_) in (types.UnionType, typing.Union):
        return ", ".join(map(_name_of, get_args(type_)))
    if get_origin(type_) is Literal:
        return "string"
    if get_origin(type_) is tuple:
        return "list of strings"
    names = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
    return names[type_]


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_has_each_field_with_its_type(kind: type[Fact]) -> None:
    part = re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    name = str(kind.__struct_config__.tag)
    (table,) = (text for text in part if text.startswith(f"`{name}`: "))
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| [^|]+ \|$", table, re.MULTILINE)
    hints = typing.get_type_hints(kind)
    fields = [field for field in kind.__struct_fields__ if field != "repository"]
    assert rows == [(field, _name_of(hints[field])) for field in fields]
