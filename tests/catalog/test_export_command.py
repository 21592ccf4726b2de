"""`lineage-diff export`, as a user runs it."""

import json
from pathlib import Path
from pkgutil import resolve_name

import jsonschema_rs
import msgspec
import pytest

from lineage_diff.app.export.facts import Scope
from lineage_diff.catalog.facts import AnyFact
from lineage_diff.catalog.formats import EXPORT_FORMATS
from lineage_diff.cli.main import main
from tests.support.audit_repo import AuditRepo, past_repo
from tests.support.facts import Facts
from tests.support.git_repo import GitRepo

SCHEMA = Path(__file__).parents[2] / "src/lineage_diff/catalog/dag.schema.json"
PAGE = Path(__file__).parents[2] / "docs/export.md"


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> AuditRepo:
    repo = past_repo(tmp_path_factory.mktemp("export"))
    repo.git("remote", "add", "origin", "https://git.example.com/acme/churn.git")
    return repo


def export(repo: GitRepo, *arguments: str) -> int:
    return main(["export", "--repo", str(repo.path), *arguments])


def test_the_graph_of_a_commit(past: AuditRepo, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert export(past, "--to", "json") == 0
    text = capsysbinary.readouterr().out
    dag = json.loads(text)
    jsonschema_rs.validate(json.loads(SCHEMA.read_bytes()), dag)
    assert dag["repository"]["id"] == "git.example.com/acme/churn"
    assert [(edge["upstream"], edge["downstream"]) for edge in dag["edges"]] == [
        ("data.csv.dvc", "dvc.yaml:train")
    ]
    train = dag["nodes"][1]
    runs = {run["id"]: run for run in dag["runs"]}
    assert runs[train["run"]]["commit"]["id"] == past.commits["moved"]
    assert [(item["path"], len(item["made_by"])) for item in train["deps"]] == [
        ("data.csv", 1),
        ("train.py", 0),
        ("params.yaml", 0),
    ]
    assert train["params"] == [{"file": "params.yaml", "key": "lr", "value": 2}]
    assert [(item["key"], item["value"]) for item in dag["metrics"]] == [("accuracy", 0.9)]
    assert export(past, "--to", "json") == 0
    assert capsysbinary.readouterr().out == text


def test_outs_whose_addresses_differ_in_credentials_alone_are_all_in_the_graph(
    git_repo: GitRepo, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    git_repo.write(".dvc/config", "")
    git_repo.write(
        "dvc.yaml",
        "stages:\n  a: {cmd: a, outs: [s3://me:x@bucket/out]}\n"
        "  b: {cmd: b, outs: [s3://me:y@bucket/out]}\n",
    )
    git_repo.commit()
    assert export(git_repo, "--to", "json") == 0
    nodes = json.loads(capsysbinary.readouterr().out)["nodes"]
    assert [(node["id"], [out["path"] for out in node["outs"]]) for node in nodes] == [
        ("dvc.yaml:a", ["s3://bucket/out"]),
        ("dvc.yaml:b", ["s3://bucket/out"]),
    ]


def test_every_fact_is_a_line(past: AuditRepo, tmp_path: Path) -> None:
    target = tmp_path / "new" / "facts.jsonl"
    assert export(past, "--to", "facts", "-o", str(target)) == 0
    lines = target.read_bytes().splitlines()
    assert [msgspec.json.decode(line, type=AnyFact) for line in lines] == Facts(past.path).all


@pytest.mark.parametrize(
    "name", [name for name, item in EXPORT_FORMATS.items() if "history" in item.scopes]
)
def test_a_format_lacks_nothing_where_it_holds_no_freshness(
    past: AuditRepo, tmp_path: Path, name: str
) -> None:
    assert export(past, "--to", name, "--all", "-o", str(tmp_path / "out")) == 0
    parts = resolve_name(EXPORT_FORMATS[name].writer)(Facts(past.path, Scope(whole=True)).all)
    assert (tmp_path / "out").read_bytes() == b"".join(part.data for part in parts)


def test_what_is_left_out_is_noted(
    past: AuditRepo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = str(tmp_path / "facts.jsonl")
    assert export(past, "--to", "facts", "--all", "-o", target) == 0
    written, note = capsys.readouterr().err.splitlines()
    assert written == f"Written: {target}"
    assert note.startswith("lineage-diff: note: dvc.lock at ")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--to", "json", "--all"), "json holds one commit, not a history"),
        (("--to", "json", "--since", "HEAD~1"), "json holds one commit, not a history"),
        (("--to", "facts", "--all", "--model", "chum"), "no model 'chum'"),
        (("--to", "json", "--all", "--model", "churn"), "json holds one commit, not a history"),
        (("--to", "facts", "--model", "chum"), "no model 'chum'"),
        (("--to", "facts", "--since", "nowhere"), "unknown revision nowhere"),
        (("--to", "facts", "-o", "/proc/none/facts"), "cannot write the export"),
        (("--to", "collibra"), "collibra is a folder of files"),
        (("--to", "alation", "-o", "."), "the folder of the export is not empty"),
    ],
)
def test_what_cannot_be_exported(
    past: AuditRepo, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], error: str
) -> None:
    assert export(past, *arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert error in err


HOSTILE = "a'\"<b>`\\u202e\x01"


@pytest.mark.parametrize("name", list(EXPORT_FORMATS))
def test_hostile_names_are_data(
    git_repo: GitRepo, capsysbinary: pytest.CaptureFixture[bytes], name: str, tmp_path: Path
) -> None:
    path = json.dumps(HOSTILE + "\udcff".encode("utf-8", "surrogatepass").decode("latin-1"))
    git_repo.write(".dvc/config", "")
    git_repo.write(
        "dvc.yaml",
        f"stages: {{s: {{cmd: {path}, desc: {path}, outs: [{path}], params: [x]}}}}\n"
        f"artifacts: {{m: {{path: {path}, type: model, desc: {path}, meta: {path}}}}}\n",
    )
    lock = f"cmd: {path}, params: {{params.yaml: {{x: [.nan, {2**80}, {path}]}}}}"
    git_repo.write(
        "dvc.lock",
        f"schema: '2.0'\nstages: {{s: {{{lock}, outs: [{{path: {path}, md5: {path}}}]}}}}\n",
    )
    git_repo.git("remote", "add", "origin", "https://me:secret@github.com/acme/x.git")
    git_repo.commit()
    target = tmp_path / "target"
    assert export(git_repo, "--to", name, "-o", str(target)) == 0
    files = [target] if target.is_file() else sorted(filter(Path.is_file, target.rglob("*")))
    for file in files:
        text = file.read_bytes()
        assert b"secret" not in text
        assert b"\x01" not in text
        text.decode("utf-8")


@pytest.mark.parametrize(("spec", "written"), [((), "1.6"), (("--spec", "1.7"), "1.7")])
def test_a_version_of_the_specification(
    past: AuditRepo, capsysbinary: pytest.CaptureFixture[bytes], spec: tuple[str, ...], written: str
) -> None:
    assert export(past, "--to", "cyclonedx", *spec) == 0
    assert json.loads(capsysbinary.readouterr().out)["specVersion"] == written


def test_the_page_names_each_format() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in EXPORT_FORMATS if f"`{name}`" not in text] == []
