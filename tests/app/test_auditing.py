"""The questions of an audit, from the command line, on a repository with a past."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.cli.main import main
from lineage_diff.report.audit_report import decode_audit, encode_audit
from tests.support.audit_repo import TRAIN, AuditRepo, content, past_repo
from tests.support.git_repo import GitRepo
from tests.support.markdown import read


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> AuditRepo:
    return past_repo(tmp_path_factory.mktemp("audit"))


def asked(
    repo: AuditRepo, capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0
) -> dict[str, Any]:
    assert main([*arguments, "--repo", str(repo.path), "--format", "json"]) == code
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def name_of(repo: AuditRepo, info: dict[str, Any] | None) -> str | None:
    names = {commit: name for name, commit in repo.commits.items()}
    return names[info["id"]] if info is not None else None


def test_where_a_model_came_from(past: AuditRepo, capsys: pytest.CaptureFixture[str]) -> None:
    (trace,) = asked(past, capsys, "trace", "model.pkl", "--rev", past.commits["retrained"])[
        "traces"
    ]
    assert (trace["path"], trace["name"], trace["stage"]) == (
        "model.pkl",
        "churn",
        "dvc.yaml:train",
    )
    assert trace["version"]["hash"] == f"md5:{content('four')}"
    assert name_of(past, trace["made"]) == "retrained"
    assert (trace["freshness"], trace["freshness_then"]) == ("fresh", "fresh")
    assert [(item["path"], name_of(past, item["since"])) for item in trace["inputs"]] == [
        ("train.py", "first"),
        ("data.csv", "good data"),
    ]
    assert [
        (item["key"], item["value"], name_of(past, item["since"])) for item in trace["params"]
    ] == [("params.yaml:lr", 2, "other lr")]
    assert [(item["key"], item["value"]) for item in trace["metrics"]] == [("accuracy", 0.9)]
    assert [item["version"] for item in trace["registered"]] == ["v2.0.0"]
    (run,) = trace["runs"]
    assert [
        (item["path"], item["version"]["hash"], item["version"]["size"]) for item in run["deps"]
    ] == [
        ("data.csv", f"md5:{content('fixed')}", 9),
        ("train.py", f"md5:{content(TRAIN.decode())}", len(TRAIN)),
    ]
    assert ("model.pkl", f"md5:{content('four')}") in [
        (item["path"], item["version"]["hash"]) for item in run["outs"]
    ]


@pytest.mark.parametrize(
    ("origin", "configured", "name"),
    [
        (None, None, None),
        ("https://me:secret@git.example.com:8443/group/sub/churn.git", None, "group/sub/churn"),
        ("git@github.com:acme/churn.git", None, "acme/churn"),
        ("git@github.com:acme/fork.git", "github.com/acme/churn", "acme/churn"),
        (None, "https://git.example.com/acme/churn", "acme/churn"),
    ],
)
def test_an_audit_names_its_repository(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    origin: str | None,
    configured: str | None,
    name: str | None,
) -> None:
    repo = past_repo(tmp_path)
    if configured is not None:
        repo.write(".github/lineage-diff.yml", f"repository: {configured}\n")
        repo.commit()
    if origin is not None:
        repo.git("remote", "add", "origin", origin)
    assert asked(repo, capsys, "trace", "churn")["repository"]["name"] == name


@pytest.mark.parametrize(
    ("model", "made", "out"),
    [
        ("churn", "moved", "four"),
        ("models/churn.pkl", "moved", "four"),
        ("./models/churn.pkl", "moved", "four"),
        ("churn@v1.0.0", "first", "one"),
        ("churn@v1.1.0", "bad data", "two"),
        ("churn#prod", "bad data", "two"),
        ("churn@latest", "retrained", "four"),
    ],
)
def test_a_model_goes_by_path_name_version_and_stage(
    past: AuditRepo, capsys: pytest.CaptureFixture[str], model: str, made: str, out: str
) -> None:
    (trace,) = asked(past, capsys, "trace", model)["traces"]
    assert name_of(past, trace["made"]) == made
    assert trace["version"]["hash"] == f"md5:{content(out)}"


def test_a_stale_model_says_that_it_was_fresh_when_it_was_made(
    past: AuditRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    report = asked(past, capsys, "trace", "model.pkl", "--rev", past.commits["good data"])
    (trace,) = report["traces"]
    assert (trace["freshness"], trace["freshness_then"]) == ("stale", "fresh")
    assert [reason["subject"] for reason in trace["reasons"]] == ["data.csv"]


def test_every_version_of_a_model_with_causes_metrics_and_registry(
    past: AuditRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    report = asked(past, capsys, "history", "churn")
    (history,) = report["histories"]
    steps = [
        (
            name_of(past, step["commit"]),
            step["path"],
            step["change"],
            [(cause["kind"], cause["subject"]) for cause in step["causes"]],
            [item["value"] for item in step["metrics"]],
        )
        for step in history["steps"]
        if step["change"] != "moved"
    ]
    assert steps == [
        ("retrained", "model.pkl", "retrained", [("data", "data.csv")], [0.9]),
        ("other lr", "model.pkl", "retrained", [("param", "params.yaml:lr")], [0.7]),
        ("bad data", "model.pkl", "retrained", [("data", "data.csv")], [0.6]),
        ("first", "model.pkl", "added", [], [0.8]),
    ]
    assert history["steps"][0]["change"] == "moved"
    assert history["steps"][0]["path"] == "models/churn.pkl"
    assert [[item["tag"] for item in step["registered"]] for step in history["steps"][1:]] == [
        ["churn@v2.0.0"],
        [],
        ["churn@v1.1.0"],
        ["churn@v1.0.0"],
    ]
    assert [step["commit"]["pull_request"] for step in history["steps"]] == [
        None,
        None,
        14,
        12,
        None,
    ]
    assert [(item["commit"], item["file"]) for item in report["unreadable"]] == [
        (past.commits["broken lock"], "dvc.lock")
    ]


@pytest.mark.parametrize("metric", ["accuracy", "metrics.json:accuracy"])
def test_why_did_accuracy_drop(
    past: AuditRepo, capsys: pytest.CaptureFixture[str], metric: str
) -> None:
    (history,) = asked(past, capsys, "history", metric)["histories"]
    assert (history["path"], history["key"]) == ("metrics.json", "accuracy")
    drop = next(step for step in history["steps"] if step["value"] == 0.6)
    assert (drop["old_value"], name_of(past, drop["commit"])) == (0.8, "bad data")
    assert [(cause["kind"], cause["subject"]) for cause in drop["causes"]] == [("data", "data.csv")]
    assert [step["value"] for step in history["steps"]] == [0.9, 0.7, 0.6, 0.8]


def versions(past: AuditRepo, report: dict[str, Any]) -> list[tuple[str | None, str | None]]:
    (impact,) = report["impacts"]
    return [
        (name_of(past, made["first"]), name_of(past, made["last"]))
        for model in impact["models"]
        if model["path"] == "model.pkl"
        for made in model["versions"]
    ]


@pytest.mark.parametrize("form", ["hash", "start", "named", "revision"])
def test_which_versions_were_made_from_bad_data(
    past: AuditRepo, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    bad = content("bad")
    subject = {
        "hash": bad,
        "start": bad[:8],
        "named": f"md5:{bad}",
        "revision": f"{past.commits['bad data']}:data.csv",
    }[form]
    report = asked(past, capsys, "impact", subject)
    assert versions(past, report) == [("other lr", "retrained"), ("bad data", "other lr")]
    model = next(m for m in report["impacts"][0]["models"] if m["path"] == "model.pkl")
    assert name_of(past, model["clean_since"]) == "retrained"
    registered = [item["stages"] for made in model["versions"] for item in made["registered"]]
    assert registered == [["prod"]]


def test_all_versions_of_a_path_count(past: AuditRepo, capsys: pytest.CaptureFixture[str]) -> None:
    report = asked(past, capsys, "impact", "data.csv")
    assert set(report["impacts"][0]["hashes"]) == {
        f"md5:{content(name)}" for name in ("good", "bad", "fixed")
    }
    assert [first for first, _ in versions(past, report)] == [
        "retrained",
        "other lr",
        "bad data",
        "first",
    ]


@pytest.mark.parametrize(
    ("rev", "answer", "commit"),
    [("good data", "not-yet", None), ("retrained", "yes", "retrained"), ("moved", "yes", None)],
)
def test_was_it_trained_again_after_the_data_was_mended(
    past: AuditRepo,
    capsys: pytest.CaptureFixture[str],
    rev: str,
    answer: str,
    commit: str | None,
) -> None:
    since = past.commits["good data"]
    arguments = ("impact", "data.csv", "--since", since, "--rev", past.commits[rev])
    (fix,) = asked(past, capsys, *arguments)["fixes"]
    assert name_of(past, fix["since"]) == "good data"
    (model,) = [item for item in fix["models"] if item["name"] == "churn"][-1:]
    assert model["answer"] == answer
    if commit is not None:
        assert name_of(past, model["commit"]) == commit


@pytest.mark.parametrize(
    ("path", "since", "named"),
    [
        ("data.csv", "first", None),
        ("data.csv", "bad data", None),
        ("data.csv", "good data", None),
        ("data.csv", "other lr", ["good data", "bad data", "first"]),
        ("data.csv", "moved", ["good data", "bad data", "first"]),
        ("train.py", "first", None),
        ("train.py", "good data", ["first"]),
        # A move changes no content, and the commits before it are those of the older name.
        ("model.pkl", "good data", ["retrained", "other lr", "bad data"]),
    ],
)
def test_for_a_commit_that_did_not_change_the_data_those_that_did_are_named(
    past: AuditRepo, tmp_path: Path, path: str, since: str, named: list[str] | None
) -> None:
    files = [tmp_path / name for name in ("a.json", "a.md", "a.html", "a.txt")]
    outputs = [word for file in files for word in ("-o", str(file))]
    arguments = ("impact", path, "--since", past.commits[since])
    assert main([*arguments, "--repo", str(past.path), *outputs]) == 0
    report, *texts = (file.read_text(encoding="utf-8") for file in files)
    (fix,) = json.loads(report)["fixes"]
    assert fix["untouched"] == (named is not None)
    assert [name_of(past, info) for info in fix["changed_by"]] == (named or [])
    assert all(("did not change" in text) == (named is not None) for text in texts)


def test_what_is_ignored_in_a_check_is_named_by_questions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = past_repo(tmp_path)
    repo.write(".github/lineage-diff.yml", "ignore: ['*.pkl']\n")
    repo.commit()
    shown = {}
    for command in ("status", "audit", "trace model.pkl", "history model.pkl", "impact data.csv"):
        main([*command.split(), "--repo", str(repo.path), "--format", "json"])
        shown[command] = "model.pkl" in capsys.readouterr().out
    assert shown == dict.fromkeys(shown, True) | {"status": False}


def test_the_audit_is_all_of_it_with_the_verdict_of_status(
    past: AuditRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    report = asked(past, capsys, "audit")
    assert [trace["path"] for trace in report["traces"]] == ["models/churn.pkl"]
    assert [history["path"] for history in report["histories"]] == ["models/churn.pkl"]
    assert report["verdict"]["conclusion"] == "success"
    assert [item["version"] for item in report["registry"]] == ["v1.0.0", "v1.1.0", "v2.0.0"]
    stale = asked(past, capsys, "audit", "--rev", past.commits["good data"], code=1)
    assert stale["verdict"]["conclusion"] == "failure"
    one = asked(past, capsys, "audit", "--model", "churn")
    assert [trace["name"] for trace in one["traces"]] == ["churn"]


def test_damage_inside_a_lock_is_told_where_it_matters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.write(".dvc/config", "")
    repo.write("dvc.yaml", "".join(("stages:\n", *(_stage(name) for name in "ab"))))
    for version, cmd in (("one", "run"), ("two", "[run"), ("six", "run")):
        blocks = _block("a", version, "run"), _block("b", version, cmd)
        repo.write("dvc.lock", "".join(("schema: '2.0'\nstages:\n", *blocks)))
        repo.commit(version)
    for arguments, subjects, unreadable in (
        (("history", "a.pkl"), ["six", "two", "one"], 0),
        (("history", "b.pkl"), ["six", "one"], 1),
        (("audit", "--model", "a.pkl"), ["six", "one"], 1),
    ):
        main([*arguments, "--repo", str(repo.path), "--format", "json"])
        report = json.loads(capsys.readouterr().out)
        steps = report["histories"][0]["steps"]
        assert [step["commit"]["subject"] for step in steps] == subjects
        assert len(report["unreadable"]) == unreadable


def _stage(name: str) -> str:
    return f"  {name}:\n    cmd: run\n    outs:\n    - {name}.pkl\n"


def _block(name: str, version: str, cmd: str) -> str:
    return (
        f"  {name}:\n    cmd: {cmd}\n    outs:\n    - path: {name}.pkl\n      hash: md5\n"
        f"      md5: {content(name + version)}\n      size: 1\n"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("trace", "models/chrun.pkl"), "Did you mean models/churn.pkl"),
        (("trace", "churn@v1.1.1"), "Did you mean v1.1.0"),
        (("trace", "churn#live"), "There is: prod."),
        (("trace", "churn@v1.0.0", "--rev", "HEAD"), "Leave out --rev."),
        (("trace", "churn", "--rev", "mian"), "Did you mean main?"),
        (("history", "acuracy"), "Did you mean metrics.json:accuracy"),
        (("impact", "data.cvs"), "Did you mean data.csv?"),
        (("impact", "0123456789abcdef"), "no run in the history used or made 0123456789abcdef"),
        (("impact", "HEAD:data.cvs"), "Did you mean data.csv?"),
        (
            ("impact", "params.yaml"),
            "is not data or code: params.yaml holds params. `lineage-diff hi",
        ),
        (("impact", "./params.yaml:epochs"), "is not data or code: params.yaml holds params"),
        (("impact", "params.yaml", "--since", "HEAD"), "params.yaml holds params"),
        (("impact", "HEAD:params.yaml"), "params.yaml holds params"),
        (("impact", "nowhere:data.csv"), "unknown revision nowhere"),
        (("impact", "data.csv", "--since", "nowhere"), "unknown revision nowhere"),
        (("impact", content("two"), "--since", "HEAD"), "needs a path, and {} is a hash"),
        (("impact", "HEAD:data.csv", "--since", "HEAD"), "is the content of a path at HEAD"),
        (("audit", "--model", "chrun"), "Did you mean churn"),
    ],
)
def test_what_is_not_there_is_told_with_what_is_like_it(
    past: AuditRepo, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    assert main([*arguments, "--repo", str(past.path)]) == 2
    streams = capsys.readouterr()
    assert not streams.out
    assert told.format(arguments[1]) in streams.err
    assert streams.err.count("\n") == 1


@pytest.mark.parametrize("question", ["trace", "history", "gate", "audit --model", "evidence -o e"])
def test_a_tag_without_annotation_is_named_with_the_command_that_annotates_it(
    past: AuditRepo, capsys: pytest.CaptureFixture[str], question: str
) -> None:
    tag = f"other@v1.0.{len(question)}"
    past.git("tag", tag)
    assert main([*question.split(), tag, "--repo", str(past.path)]) == 2
    error = capsys.readouterr().err
    assert f"the tag {tag} is not annotated, so it has no author and the registry" in error
    command = error.partition("`git ")[2].partition("`")[0].split()
    past.git(*command)
    assert past.git("cat-file", "-t", tag) == "tag"
    past.git("tag", "-d", tag)


def test_a_shallow_clone_does_not_say_since_the_beginning(
    past: AuditRepo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clone = past.clone(tmp_path / "clone", "--depth", "2")
    assert main(["trace", "churn", "--repo", str(clone.path), "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert not report["complete"]
    assert [item["subject"] for item in report["unknowns"]] == ["history"]
    assert [item["since"] for item in report["traces"][0]["inputs"]] == [None, None]
    assert main(["trace", "churn", "--repo", str(clone.path)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "since an unknown commit, through" in shown
    assert "git fetch --unshallow fetches the rest" in shown


def test_no_format_leaves_anything_out(
    past: AuditRepo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / name for name in ("a.md", "a.csv", "a.json", "a.txt")]
    outputs = [word for file in files for word in ("-o", str(file))]
    assert main(["audit", "--repo", str(past.path), *outputs]) == 0
    markdown = read(files[0].read_text(encoding="utf-8"))
    assert "models/churn.pkl" in markdown.codes
    rows = list(csv.DictReader(files[1].read_text(encoding="utf-8").splitlines()))
    assert [row["change"] for row in rows][1:] == ["retrained", "retrained", "retrained", "added"]
    assert json.loads(rows[2]["causes"]) == [["param", "params.yaml:lr", "modified", 1, 2]]
    data = files[2].read_bytes()
    assert encode_audit(decode_audit(data, "a.json")) == data
    text = files[3].read_text(encoding="utf-8")
    for word in ("churn@v2.0.0".partition("@")[2], "data.csv", "lr 1 → 2", "accuracy 0.9"):
        assert word in text


def test_all_lines_tell_what_branches_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = past_repo(tmp_path)
    repo.branch("merged", repo.commits["retrained"])
    repo.run("fixed", lr=3, accuracy=0.5, out="worse")
    repo.step("on a branch", "Try lr 3")
    repo.run("fixed", lr=4, accuracy=0.95, out="better")
    repo.step("end of the branch", "Try lr 4")
    repo.branch("open", repo.commits["first"])
    repo.run("good", lr=9, accuracy=0.1, out="lost")
    repo.step("open", "Try lr 9")
    repo.checkout("main")
    repo.git("reset", "-q", "--hard", repo.commits["retrained"])
    repo.commits["merge"] = repo.merge("merged")

    def steps(*options: str) -> list[tuple[str | None, bool, list[tuple[str, int, int]]]]:
        (history,) = asked(repo, capsys, "history", "churn", *options)["histories"]
        return [
            (
                name_of(repo, step["commit"]),
                step["beside"],
                [(item["subject"], item["old"], item["new"]) for item in step["causes"]],
            )
            for step in history["steps"]
        ]

    lr = "params.yaml:lr"
    main_line = steps()
    assert main_line[0] == ("merge", False, [(lr, 2, 4)])
    assert not any(beside for _, beside, _ in main_line)
    found = steps("--all")
    assert [step for step in found if not step[1]] == main_line
    assert sorted(step for step in found if step[1]) == [
        ("end of the branch", True, [(lr, 3, 4)]),
        ("on a branch", True, [(lr, 2, 3)]),
        ("open", True, [(lr, 1, 9)]),
    ]


def test_a_metric_on_every_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = past_repo(tmp_path / "repo")
    repo.branch("tried")
    repo.run("fixed", lr=3, accuracy=0.95, out="five")
    repo.step("on a branch", "Try lr 3")
    repo.write("notes.md", "no metric\n")
    repo.step("notes", "Take notes")
    repo.checkout("main")

    def steps(*options: str) -> list[tuple[str | None, bool, float, float]]:
        (history,) = asked(repo, capsys, "history", "accuracy", *options)["histories"]
        return [
            (name_of(repo, step["commit"]), step["beside"], step["old_value"], step["value"])
            for step in history["steps"]
        ]

    on_main = steps()
    found = steps("--all")
    assert [step for step in found if not step[1]] == on_main
    assert [step for step in found if step[1]] == [("on a branch", True, 0.9, 0.95)]
    (history,) = asked(repo, capsys, "history", "accuracy", "--all")["histories"]
    (beside,) = (step for step in history["steps"] if step["beside"])
    assert [cause["subject"] for cause in beside["causes"]] == ["params.yaml:lr"]


@pytest.mark.parametrize(
    ("arguments", "commit"),
    [
        (("trace", "churn@v1.0.0"), "first"),
        (("history", "accuracy"), "first"),
        (("impact", "data.csv"), "first"),
        (("impact", "data.csv", "--since", "HEAD~2"), "good data"),
        (("audit",), "first"),
    ],
    ids=["trace", "history", "impact", "since", "audit"],
)
def test_each_answer_is_a_page_by_the_name_of_its_file(
    past: AuditRepo, tmp_path: Path, arguments: tuple[str, ...], commit: str
) -> None:
    file = tmp_path / "report.html"
    assert main([*arguments, "--repo", str(past.path), "-o", str(file)]) == 0
    page = file.read_text(encoding="utf-8")
    assert page.startswith('<!doctype html>\n<html lang="en">')
    assert f"<code>{past.commits[commit][:7]}</code>" in page
