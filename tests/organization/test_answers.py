"""Answers over real repositories that import from each other, compared with joins by hand."""

import csv
import hashlib
import io
import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from lineage_diff import limits
from lineage_diff.app.audit.questions import impact
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.app.organization.answers import StoreRequest, ask_impact, ask_trace, run_sql
from lineage_diff.cli.main import main
from lineage_diff.errors import InputError
from lineage_diff.history.reader import open_history
from lineage_diff.render.markdown import markdown
from lineage_diff.report.organization import report as contract
from lineage_diff.report.organization.report import decode_organization
from lineage_diff.report.report import decode_report, encode_report
from tests.support.dvc_repo import DvcShell
from tests.support.organization import HOST, SERVER, Organization, content, new_store, write_part

Versions = set[tuple[str, str, str, str, str | None]]


class Stored:
    """The repositories, and the address of a store with all of them."""

    def __init__(self, folder: Path) -> None:
        shell = DvcShell()
        try:
            self.organization = Organization(folder / "repos", shell)
        finally:
            shell.close()
        self.url = str(folder / "store")
        store = new_store(folder / "store")
        for repo in self.organization.repos.values():
            write_part(store, repo.path)

    @property
    def request(self) -> StoreRequest:
        return StoreRequest(self.url)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    return Stored(tmp_path_factory.mktemp("organization"))


def md5(name: str) -> str:
    """Return the hash of raw data of that name, or of its features."""
    raw, _, kind = name.partition("'s ")
    text = f"{'features of ' * 99}{content(raw)}" if kind else content(raw)
    return hashlib.md5(text.encode()).hexdigest()


def _locked(repo: Path) -> Iterator[tuple[set[str], set[str]]]:
    """Yield the hashes of deps and outs of each lock entry of each commit."""
    git = ("git", "-C", str(repo))
    commits = subprocess.check_output((*git, "rev-list", "HEAD"), text=True).split()
    for commit in commits:
        names = subprocess.check_output((*git, "ls-tree", "-r", "--name-only", commit), text=True)
        for name in names.split():
            if name.endswith("dvc.lock"):
                text = subprocess.check_output((*git, "show", f"{commit}:{name}"), text=True)
                for stage in yaml.safe_load(text)["stages"].values():
                    yield (
                        {item["md5"] for item in stage.get("deps", ())},
                        {item["md5"] for item in stage.get("outs", ())},
                    )


def by_hand(organization: Organization, start: str) -> Versions:
    """Ask `impact` of each repository for the content, and for all that was made from it.

    Content has the same hash in every repository, imported or not.
    """
    contents, before = {start}, set[str]()
    entries = [item for repo in organization.repos.values() for item in _locked(repo.path)]
    while contents != before:
        before = set(contents)
        contents |= {out for deps, outs in entries if deps & contents for out in outs}
    found: Versions = set()
    for name, repo in organization.repos.items():
        for value in contents:
            request = AuditRequest(open_history(repo.path), None)
            try:
                (answer,) = impact(request, value, None, lambda _: None).impacts
            except InputError:
                continue
            for model in answer.models:
                for one in model.versions:
                    last = one.last.id if one.last else None
                    version = str(one.version.hash), one.first.id if one.first else "", last
                    found.add((f"{HOST}/{name}", model.path, *version))
    return found


@pytest.mark.parametrize("name", ["good", "bad", "fixed", "lost's features"])
def test_impact_is_that_of_each_repository_and_the_joins_by_hand(stored: Stored, name: str) -> None:
    report = ask_impact(stored.request, md5(name))
    assert report.impact is not None
    found = {
        (
            model.repository,
            model.path,
            str(one.hash),
            one.first.commit,
            one.last.commit if one.last else None,
        )
        for model in report.impact.models
        for one in model.versions
    }
    assert found == by_hand(stored.organization, md5(name))


# For each question the models with their hops, "?" for joins that are not certain.
ANSWERS = {
    "bad": "ads 0, churn 1, data 3, fraud 2, search 0",
    "good": "churn 1",
    "lost's features": "legacy 0",
    "data:raw.csv": "ads 1, churn 1, data 3, fraud 2, search 1?",
    "data:features.csv": "churn 1, data 3, fraud 2, legacy 1",
    "data:raw.csv@{bad}": "ads 1, churn 1, data 3, fraud 2, search 1?",
    "data:raw.csv@{good}": "churn 1",
    "churn:churn.pkl": "data 2, fraud 1",
    "churn:churn.pkl@v1.0.0": "data 2, fraud 1",
    "churn:features.csv@{churn}": "churn 0",
    # Only an import names this repository: it is the former name of data.
    "customers:raw.csv": "ads 1, churn 3?, data 5?, fraud 4?, search 2?",
}


@pytest.mark.parametrize("question", ANSWERS)
def test_each_join(stored: Stored, question: str) -> None:
    text = question.format_map(stored.organization.commits)
    report = ask_impact(stored.request, md5(text) if ":" not in text else text)
    assert report.impact is not None
    shown = [
        f"{model.repository.removeprefix(HOST + '/')} {model.hops}{'' if model.certain else '?'}"
        for model in report.impact.models
    ]
    assert ", ".join(shown) == ANSWERS[question]


def test_an_import_that_cannot_be_joined_is_unknown(stored: Stored) -> None:
    report = ask_impact(stored.request, md5("bad"))
    (lost,) = (item for item in report.unknowns if item.repository == f"{HOST}/legacy")
    assert lost.subject == "features.csv"
    assert f"`{HOST}/data` at `{stored.organization.commits['lost'][:10]}`" in lost.reason
    assert "rewritten history" in lost.reason
    (renamed,) = (item for item in report.unknowns if item.repository == f"{HOST}/customers")
    assert renamed.reason == "it is not indexed, and 1 repository imports from it"


def test_a_trace_goes_through_all_repositories(stored: Stored) -> None:
    report = ask_trace(stored.request, "fraud:fraud.pkl")
    assert report.trace is not None
    assert [item.kind for item in report.trace.inputs] == [
        "import",
        "data",
        "import",
        "data",
        "data",
    ]
    assert [(item.repository, item.path, item.hops) for item in report.trace.inputs] == [
        (f"{HOST}/fraud", "churn.pkl", 0),
        (f"{HOST}/churn", "churn.pkl", 1),
        (f"{HOST}/churn", "features.csv", 1),
        (f"{HOST}/data", "features.csv", 2),
        (f"{HOST}/data", "raw.csv", 2),
    ]
    assert report.trace.inputs[-1].hash == f"md5:{md5('bad')}"
    registered = ask_trace(stored.request, "churn#prod")
    assert registered.trace is not None
    assert [use.version for use in registered.trace.registered] == ["v1.0.0"]


REFUSED = {
    "0123456789abcdef0123456789abcdef": "no run of an indexed repository used or made",
    "nonsense": "neither a hash nor a path",
    "5e40e5": "Name a hash by 7 of its digits or more",
    "datta:raw.csv": "no repository datta",
    "elsewhere:raw.csv": "SELECT repository FROM repositories",
    "data:two\nlines.csv": "used, made or imported data:two lines.csv",
    "data:rw.csv": "no run of an indexed repository used, made or imported data:rw.csv",
    "data:raw.csv@v9": "no commit or version v9",
    "data:raw.csv@1999-12-31": "github.com/team/data recorded no run until 1999-12-31",
    "data:other.csv@2030-01-01": "no run of github.com/team/data made other.csv",
}


@pytest.mark.parametrize("question", REFUSED)
def test_what_the_tables_do_not_know(stored: Stored, question: str) -> None:
    with pytest.raises(InputError, match=REFUSED[question]):
        ask_impact(stored.request, question)


@pytest.mark.parametrize(
    ("question", "answer"),
    {
        "churn#staging": r"no repository has a model or version churn#staging. Name a registered "
        r"version \(v1.0.0\), a commit",
        "fraud.pkl#prod": "no repository has a model or version fraud.pkl#prod. Name a commit",
        "churn@v9.0.0": "no repository has a model or version churn@v9.0.0",
        "chrn": "no repository has a model or version chrn",
    }.items(),
)
def test_a_version_that_no_table_has(stored: Stored, question: str, answer: str) -> None:
    with pytest.raises(InputError, match=answer):
        ask_trace(stored.request, question)


@pytest.mark.parametrize(
    "query",
    [
        "COPY (SELECT 1) TO '{folder}/leak.csv'",
        "CREATE TABLE mine AS SELECT 1",
        "DELETE FROM stored_edges",
        "INSERT INTO stored_models SELECT * FROM stored_models",
        "WITH one AS (SELECT 1) INSERT INTO stored_models SELECT * FROM stored_models",
        "SELECT 1; SELECT 2",
        "SELECT 1) AS one; COPY (SELECT 1",
        "DROP VIEW models",
        "SET datafusion.execution.batch_size = 1",
    ],
)
def test_sql_only_reads(stored: Stored, query: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the query cannot be run"):
        list(run_sql(stored.request, query.format(folder=tmp_path)).rows)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("form", "most", "text"),
    [
        ("json", 2, '{"x": "NaN", "y": "=1", "z": [1]}\n{"x": 1.5, "y": "b", "z": [2]}\n'),
        ("csv", 2, "x,y,z\r\nnan,'=1,[1]\r\n1.5,b,[2]\r\n"),
        ("json", 0, ""),
        ("csv", 0, "x,y,z\r\n"),
    ],
)
def test_the_rows_of_a_query(
    stored: Stored,
    tmp_path: Path,
    form: str,
    most: int,
    text: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The same in a file, in a folder that is made for it; JSON has no NaN."""
    query = (
        "SELECT * FROM (VALUES (arrow_cast('NaN', 'Float64'), '=1', [1]), (1.5, 'b', [2]))"
        " AS rows(x, y, z) ORDER BY y LIMIT "
    )
    asked = ["org", "sql", f"{query}{most}", "--from", stored.url, "--format", form]
    assert main(asked) == 0
    assert capsys.readouterr().out == text
    target = tmp_path / "new" / "rows"
    assert main([*asked, "-o", str(target)]) == 0
    assert target.read_bytes().decode() == text


@pytest.mark.parametrize("other", [["SELECT 1"], ["-o", "views.sql"]])
def test_the_views_are_printed_alone(other: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["org", "sql", "--views", *other]) == 2
    assert "--views prints the statements, and takes no query and no -o" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT 1 / 0", "the query cannot be run: .*Divide by zero"),
        ("SELECT nothing FROM models", "the query cannot be run: .*No field named nothing"),
        ("SELECT * FROM edges", "no table edges of lineage-diff"),
    ],
)
def test_a_query_that_fails_and_a_table_that_is_lost(
    stored: Stored, query: str, message: str, tmp_path: Path
) -> None:
    store = shutil.copytree(stored.url, tmp_path / "store", ignore=lambda *_: {"edges"})
    with pytest.raises(InputError, match=message):
        list(run_sql(StoreRequest(str(store)), query).rows)


def test_the_command_in_every_format(
    stored: Stored, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "answer"
    question = ("org", "impact", md5("bad"), "--from", stored.url)
    files = [f"{target}.json", f"{target}.csv", f"{target}.md", f"{target}.html"]
    assert main([*question, *(part for file in files for part in ("-o", file))]) == 0
    assert "5 models in 5 repositories, 1 in use" in capsys.readouterr().err
    data = Path(f"{target}.json").read_bytes()
    report = decode_organization(data, "answer.json")
    schema = Path(contract.__file__).parents[1] / "organization.schema.json"
    jsonschema_rs.validate(json.loads(schema.read_bytes()), json.loads(data))
    assert contract.encode_organization(report) == data
    rows = list(csv.DictReader(io.StringIO(Path(f"{target}.csv").read_text("utf-8"))))
    assert {(row["path"], row["stages"]) for row in rows} >= {("churn.pkl", "prod")}
    assert "| dvc import at" in Path(f"{target}.md").read_text("utf-8")
    page = Path(f"{target}.html").read_text("utf-8")
    assert page.count('class="edge"') == 10
    assert "default-src &#39;none&#39;" in page
    assert " src=" not in page
    assert main(list(question)) == 0
    shown = capsys.readouterr().out
    assert "churn.pkl (churn)  the current version was made from it · in prod" in shown
    assert "github.com/team/fraud fraud.pkl → github.com/team/data fraud.pkl" in shown


def test_models_and_what_is_outdated(stored: Stored, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["org", "models", "--from", stored.url]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "6 models in 6 repositories" in shown
    assert "churn@v1.0.0 (in prod) · imported by github.com/team/fraud" in shown
    assert main(["org", "stale", "--from", stored.url]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "0 stale or unknown models" in shown
    assert "github.com/team/churn features.csv: github.com/team/data has another version" in shown


def test_the_address_may_be_in_the_configuration(
    stored: Stored, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = stored.organization.repos["search"].clone(tmp_path / "clone")
    assert main(["org", "models", "--repo", str(repo.path)]) == 2
    assert "no address of the tables" in capsys.readouterr().err
    repo.write(".github/lineage-diff.yml", f"organization: {stored.url}\n")
    repo.commit()
    assert main(["org", "models", "--repo", str(repo.path), "--as-of", "1"]) == 0
    assert "1 model in 1 repository" in capsys.readouterr().out


# The configuration of the base, then: is it a fork's change, and the reason why it is unknown.
ELSEWHERE = {
    "asked": ("organization: {url}", False, None),
    "of a fork": ("organization: {url}", True, ""),
    "not configured": ("", False, ""),
    "no store": ("organization: {url}-gone", False, "the tables cannot be asked: no table"),
    "refused": (
        "organization: s3://bucket/tables",
        False,
        "the tables cannot be asked: the table generations cannot be read or written: "
        "Generic S3 error: Connection refused",
    ),
    "out of reach": (
        "organization: s3://bucket/tables",
        False,
        "the tables did not answer within 0 seconds",
    ),
}


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port at which no server listens, and that no other process can take."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.mark.parametrize("case", ELSEWHERE)
def test_a_change_names_who_else_uses_it(
    stored: Stored,
    tmp_path: Path,
    case: str,
    monkeypatch: pytest.MonkeyPatch,
    closed_port: int,
) -> None:
    config, of_fork, reason = ELSEWHERE[case]
    # No server answers for S3.
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed_port}")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    if case == "out of reach":
        monkeypatch.setattr(limits, "ELSEWHERE_SECONDS", 0.01)
    repo = stored.organization.repos["data"].clone(tmp_path / "clone")
    repo.git("remote", "set-url", "origin", f"{SERVER}/data.git")
    repo.write(".github/lineage-diff.yml", config.format(url=stored.url) + "\n")
    base = repo.commit()
    file = repo.path / "raw.csv.dvc"
    file.write_text(file.read_text("utf-8").replace(md5("fixed"), "0" * 32), "utf-8")
    # The author of a change does not choose the tables.
    repo.write(".github/lineage-diff.yml", "organization: /elsewhere\n")
    repo.commit()
    done = compare_revisions(Request(repo.path, base, "HEAD", of_fork=of_fork))
    report = done.report
    assert [item.path for item in report.data] == ["raw.csv"]
    shown = markdown(report)
    unknown = [item.reason for item in report.unknowns if item.subject == "organization"]
    if reason is None:
        used = "imported by `team/ads`, `team/churn`, `team/fraud`: 3 models, 1 in prod"
        rest = "1 model has equal content only; 1 import cannot be decided"
        assert f"**Elsewhere:** {used}; {rest}." in shown
        assert decode_report(encode_report(report), "report.json") == report
        return
    assert report.elsewhere is None
    assert "Elsewhere" not in shown
    assert bool(unknown) == bool(reason)
    assert all(item.startswith(reason) for item in unknown)
