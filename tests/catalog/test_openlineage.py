"""Events of OpenLineage, validated by its own schemas, and sent by its own client."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from lineage_diff.app.export.facts import Scope
from lineage_diff.catalog.formats import EXPORT_FORMATS
from lineage_diff.catalog.writers.dag_json import write_dag
from lineage_diff.catalog.writers.dataset_names import outside_name
from lineage_diff.catalog.writers.openlineage import EVENT_BYTES, Event, openlineage_events
from lineage_diff.cli.main import main
from lineage_diff.errors import InputError
from tests.support.audit_repo import AuditRepo, past_repo
from tests.support.beside import find_beside
from tests.support.export_layout import write_layout
from tests.support.facts import Facts
from tests.support.git_repo import GitRepo
from tests.support.lineage_schemas import Specification
from tests.support.lineage_server import LineageServer
from tests.support.odd_models import OddModels

ALL = Scope(whole=True)
# Repositories beside the checkout that are validated, the smallest first.
CLONES = 30


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> AuditRepo:
    repo = past_repo(tmp_path_factory.mktemp("openlineage"))
    repo.git("remote", "add", "origin", "https://github.com/acme/churn.git")
    return repo


@pytest.fixture(scope="session")
def specification() -> Specification:
    folder = find_beside("shared/openlineage")
    if folder is None:
        pytest.skip("OpenLineage's specification is not beside the checkout")
    return Specification(folder)


def events_of(repo: Path, scope: Scope = ALL) -> list[Event]:
    return list(openlineage_events(Facts(repo, scope).all))


def test_the_events_of_a_history(past: AuditRepo) -> None:
    events = events_of(past.path)
    kinds = [(event["eventType"], event["job"]["name"]) for event in events]
    assert kinds == [("START", "dvc.yaml:train"), ("COMPLETE", "dvc.yaml:train")] * 5
    complete = events[-1]
    assert complete["eventTime"].startswith("20")
    facets = complete["job"]["facets"]
    assert facets["sourceCodeLocation"]["url"] == (
        f"https://github.com/acme/churn/blob/{past.commits['moved']}/dvc.yaml"
    )
    assert [item["name"] for item in complete["inputs"]] == ["data.csv", "train.py", "params.yaml"]
    names = {item["namespace"] for item in complete["inputs"] + complete["outputs"]}
    assert names == {"dvc://github.com/acme/churn"}
    model = complete["outputs"][1]
    assert model["facets"]["datasetType"]["datasetType"] == "MODEL"
    run = complete["run"]["facets"]
    assert run["lineageDiff_params"]["params"] == [
        {"file": "params.yaml", "key": "lr", "type": "integer", "value": 2}
    ]
    assert run["lineageDiff_metrics"]["metrics"] == [
        {"file": "metrics.json", "key": "accuracy", "value": 0.9}
    ]
    assert [model["path"] for model in run["lineageDiff_models"]["models"]] == ["models/churn.pkl"]


def layout_repo(path: Path) -> GitRepo:
    repo = GitRepo(path)
    write_layout(repo)
    return repo


MADE = ((past_repo, 10), (layout_repo, 13), (OddModels, 3))
"""Each builder of a repository, with the number of its events."""


@pytest.mark.slow
def test_each_event_of_many_repositories_is_valid(
    tmp_path: Path, specification: Specification
) -> None:
    """Those that tests make, and public ones where a folder beside the checkout has clones."""
    for make, events in MADE:
        repo = make(tmp_path / make.__name__)
        assert checked(repo.path, specification) == events
    clones = sorted((find_beside("corpus") or tmp_path).glob("*.git"), key=_size)
    used = 0
    for clone in clones:
        if used == CLONES:
            break
        try:
            used += checked(clone, specification) > 0
        except InputError:
            continue
    assert used == (CLONES if clones else 0)


def checked(repository: Path, specification: Specification) -> int:
    """Return the number of events of a repository; each is valid."""
    events = events_of(repository)
    for event in events:
        specification.check(event)
        assert len(json.dumps(event).encode()) <= EVENT_BYTES
        assert event["inputs"]
    return len(events)


def _size(repository: Path) -> int:
    return sum(file.stat().st_size for file in repository.glob("objects/pack/*.pack"))


def test_the_edges_are_those_of_the_graph(past: AuditRepo, git_repo: GitRepo) -> None:
    write_layout(git_repo)
    for repo in (past, git_repo):
        facts = Facts(repo.path).all
        (part,) = write_dag(facts)
        dag = json.loads(part.data)
        stages = {node["id"] for node in dag["nodes"] if node["kind"] != "add"}
        drawn = {
            (edge["upstream"], edge["downstream"])
            for edge in dag["edges"]
            if stages >= {edge["upstream"], edge["downstream"]}
        }
        current = {run["id"] for run in dag["runs"] if run["current"]}
        events = [e for e in openlineage_events(facts) if e["run"]["runId"] in current]
        assert set(_edges(events)) == drawn


def _edges(events: Iterable[Event]) -> Iterator[tuple[str, str]]:
    events = list(events)
    producers = {
        (item["namespace"], item["name"]): event["job"]["name"]
        for event in events
        for item in event["outputs"]
    }
    for event in events:
        for item in event["inputs"]:
            producer = producers.get((item["namespace"], item["name"]))
            if producer is not None:
                yield producer, event["job"]["name"]


def test_datasets_join_those_of_other_tools_and_repositories(git_repo: GitRepo) -> None:
    write_layout(git_repo)
    events = [event for event in events_of(git_repo.path) if event["eventType"] == "COMPLETE"]
    used = {
        event["job"]["name"].removeprefix("dvc.yaml:"): [
            (item["namespace"], item["name"]) for item in event["inputs"]
        ]
        for event in events
    }
    assert used["raw.dvc"] == [("dvc://github.com/acme/data", "data/raw")]
    assert ("s3://bucket", "key") in used["join"]
    assert ("gs://bucket", "part") in used["train"]
    assert [name for _, name in used["split"]] == ["dvc.yaml"]


@pytest.mark.parametrize(
    ("url", "namespace", "name"),
    [
        ("s3://bucket/a/b.csv", "s3://bucket", "a/b.csv"),
        ("s3a://bucket/a", "s3://bucket", "a"),
        ("gs://bucket/a", "gs://bucket", "a"),
        ("azure://container/a", "azure://container", "a"),
        ("hdfs://host:8020/a/b", "hdfs://host:8020", "/a/b"),
        ("https://example.com/a/b", "https://example.com", "/a/b"),
        ("/srv/data/a", "file", "/srv/data/a"),
        ("../data/a", "file", "../data/a"),
        ("s3://bucket", "s3://bucket", "/"),
    ],
)
def test_names_of_files_outside(url: str, namespace: str, name: str) -> None:
    found = outside_name(url)
    assert (found.namespace, found.name) == (namespace, name)


def test_a_large_run_is_in_parts(git_repo: GitRepo, specification: Specification) -> None:
    deps = [f"data/{number:05d}-{'x' * 100}" for number in range(6_000)]
    values = {f"key{number}": "v" * 3_000 for number in range(3_000)}
    git_repo.write(".dvc/config", "")
    stage = {"cmd": "c" * 300_000, "deps": deps, "outs": ["model.pkl"], "params": ["key0"]}
    git_repo.write("dvc.yaml", json.dumps({"stages": {"s": stage}}))
    lock = {
        "cmd": stage["cmd"],
        "deps": [{"path": path, "md5": "1" * 32} for path in deps],
        "params": {"params.yaml": values},
        "outs": [{"path": "model.pkl", "md5": "2" * 32}],
    }
    git_repo.write("dvc.lock", json.dumps({"schema": "2.0", "stages": {"s": lock}}))
    git_repo.commit()
    events = events_of(git_repo.path)
    kinds = [event["eventType"] for event in events]
    assert kinds == ["START", *["RUNNING"] * (len(events) - 2), "COMPLETE"]
    for event in events:
        specification.check(event)
        assert len(json.dumps(event).encode()) <= EVENT_BYTES
        assert event["outputs"]
    parts = [event["run"]["facets"]["lineageDiff_part"] for event in events[1:]]
    many = len(parts)
    assert many > 2
    assert [(part["number"], part["of"]) for part in parts] == [
        (number, many) for number in range(1, many + 1)
    ]
    found = {item["name"] for event in events[1:] for item in event["inputs"]}
    assert found == {*deps, "params.yaml"}
    params = events[-1]["run"]["facets"]["lineageDiff_params"]
    assert len(params["params"]) + params["omitted"] == 3_000


@pytest.fixture
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str, str], None]:
    """Have no configuration of the client but what a test sets."""
    import os

    for name in list(os.environ):
        if name.startswith("OPENLINEAGE"):
            monkeypatch.delenv(name)
    (tmp_path / "home").mkdir()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "elsewhere")
    return monkeypatch.setenv


def send(repo: GitRepo, *arguments: str) -> int:
    return main(["export", "--to", "openlineage", "--send", "--repo", str(repo.path), *arguments])


def test_nothing_is_lost_or_doubled(
    past: AuditRepo,
    nothing_set: Callable[[str, str], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = find_beside("shared/openlineage")
    check = Specification(folder).check if folder is not None else lambda _: None
    with LineageServer(check).running() as server:
        nothing_set("OPENLINEAGE_URL", server.address)
        nothing_set("OPENLINEAGE_API_KEY", "key")
        server.plan = ["take", "503", "503", "cut", "take", "cut", "503"]
        assert send(past, "--all") == 0
        first, server.received = _without_client(server.received), []
        assert send(past, "--all") == 0
        second = _without_client(server.received)
        assert server.refused == 3
        assert server.tokens == {"Bearer key"}
    assert "Sent: 10 events" in capsys.readouterr().err
    # What was taken before the connection broke came again, as it was.
    assert len(first) == 10 + 2
    wanted = events_of(past.path)
    assert list({_key(event): event for event in first}.values()) == wanted
    assert all(event in wanted for event in first)
    assert second == wanted


def _without_client(events: list[Event]) -> list[Event]:
    """Leave out the tag in which the client names its version."""
    for event in events:
        event["run"]["facets"].pop("tags")
    return events


def _key(event: Event) -> tuple[str, str]:
    return event["run"]["runId"], event["eventType"]


def test_a_server_that_stays_away_ends_the_command(
    past: AuditRepo,
    nothing_set: Callable[[str, str], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    with LineageServer().running() as server:
        address = server.address
        nothing_set("OPENLINEAGE_URL", address.replace("//", "//me:secret@") + "/elsewhere/")
        assert send(past) == 2
    assert "cannot send the events (0 were sent): HTTP 400" in (err := capsys.readouterr().err)
    assert "secret" not in err


def test_a_configuration_of_the_repository_is_not_read(
    past: AuditRepo,
    nothing_set: Callable[[str, str], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert send(past) == 2
    assert "nothing says where to send the events" in capsys.readouterr().err
    Path("openlineage.yml").write_text("transport: {type: os.system}\n", encoding="utf-8")
    nothing_set("OPENLINEAGE_URL", "http://127.0.0.1:1")
    assert send(past) == 2
    assert "may come from a repository" in capsys.readouterr().err


def test_a_file_of_the_client_has_the_same_events(
    past: AuditRepo, nothing_set: Callable[[str, str], None], tmp_path: Path
) -> None:
    target = tmp_path / "events.ndjson"
    config = tmp_path / "client.yml"
    config.write_text(
        f"transport: {{type: file, log_file_path: {target}, append: true}}\n", encoding="utf-8"
    )
    nothing_set("OPENLINEAGE_CONFIG", str(config))
    assert send(past) == 0
    written = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert _without_client(written) == events_of(past.path, Scope())


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (
            None,
            "client.yml: the configuration of OpenLineage's client cannot be read: No such file",
        ),
        (
            "transport: [\n",
            "client.yml: the configuration of OpenLineage's client cannot be read: ",
        ),
        ("", "client.yml: the configuration of OpenLineage's client is no mapping"),
        ("- a\n", "client.yml: the configuration of OpenLineage's client is no mapping"),
        ("facets: {}\n", "nothing says where to send the events"),
        ("transport: {type: no.such.Transport}\n", "set up: Failed to import no.such.Transport"),
        ("transport: {type: nonsense}\n", "set up: Failed to import nonsense"),
        ("transport: {type: http}\n", "set up: "),
        ("transport: {type: http, url: 'me:secret@nowhere'}\n", "set up: "),
    ],
)
def test_a_configuration_that_sends_nothing_is_an_error(
    past: AuditRepo,
    nothing_set: Callable[[str, str], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    config: str | None,
    says: str,
) -> None:
    if config is not None:
        (tmp_path / "client.yml").write_text(config, encoding="utf-8")
    # The client would read this one where it cannot read the one that is named.
    Path("openlineage.yml").write_text("transport: {type: console}\n", encoding="utf-8")
    nothing_set("OPENLINEAGE_CONFIG", str(tmp_path / "client.yml"))
    assert send(past) == 2
    shown = capsys.readouterr()
    assert says in shown.err
    assert "Sent" not in shown.err
    assert "secret" not in shown.err
    assert shown.out == ""


def test_an_address_that_is_none_is_an_error(
    past: AuditRepo, nothing_set: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    nothing_set("OPENLINEAGE_URL", "me:secret@nowhere")
    assert send(past) == 2
    shown = capsys.readouterr().err
    assert "the client of OpenLineage cannot be set up: ValueError" in shown
    assert "secret" not in shown


def test_only_events_that_were_sent_are_counted(
    past: AuditRepo,
    nothing_set: Callable[[str, str], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = tmp_path / "client.yml"
    nothing_set("OPENLINEAGE_CONFIG", str(config))
    config.write_text("transport: {type: console}\n", encoding="utf-8")
    assert send(past) == 0
    shown = capsys.readouterr()
    assert shown.err.endswith("Sent: 2 events\n")
    printed = [json.loads(line) for line in shown.out.splitlines()]
    assert _without_client(printed) == events_of(past.path, Scope())
    filters = "filters: [{type: regex, regex: '.*train'}]\n"
    config.write_text(f"transport: {{type: console}}\n{filters}", encoding="utf-8")
    assert send(past) == 0
    assert capsys.readouterr() == ("", "Sent: 0 events\n")
    config.write_text("transport: {type: console}\n", encoding="utf-8")
    nothing_set("OPENLINEAGE_DISABLED", "true")
    assert send(past) == 0
    assert capsys.readouterr() == ("", "Sent: 0 events\n")


def test_formats_that_cannot_be_sent_say_so(
    past: AuditRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, item in EXPORT_FORMATS.items():
        if item.sender is None:
            assert main(["export", "--to", name, "--send", "--repo", str(past.path)]) == 2
            assert f"{name} cannot be sent" in capsys.readouterr().err
