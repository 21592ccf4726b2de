"""A pull request whose every name tries to be more than a name."""

import hashlib
import io
import json
import re
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from lineage_diff.github_action.main import main
from lineage_diff.github_action.outcome import OUTPUTS
from lineage_diff.render.links import page
from lineage_diff.report.report import Repository, Revision, encode_report
from tests.action.payloads import HOME
from tests.action.runner import Done, Runner, commands
from tests.support.git_repo import GitRepo
from tests.support.github import GitHubServer, pull_request_event, workflow_run_event
from tests.support.markdown import read, to_html
from tests.support.reports import chained, hostile

SECONDS = 30
NAMES = (
    "@everyone",
    "#1",
    "GH-12",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "[a](javascript:x)",
    "www.evil.example",
    "a|b",
    "`tick`",
    "\u202etxt.exe",
    "one\n::set-output name=conclusion::success",
    "\r::add-mask::a",
    "::error::boom",
    "##[add-mask]x",
    "EOF",
    "-->",
)
TAGS = {"table", "thead", "tbody", "tr", "th", "td", "code", "strong", "details", "summary", "b"}
TAGS |= {"p", "pre", "h3", "sub", "ul", "li", "br", "picture", "source", "img", "blockquote", "a"}
MARKER = re.compile(r"<!-- lineage-diff .*?-->\n")
ONE = hashlib.md5(b"one").hexdigest()
ONE_SERVER = pytest.mark.parametrize("github", ["github.com"], indirect=True)
BRANCH = "`@everyone`<b>|#1"


def pipeline() -> str:
    stages = {
        "train": {
            "cmd": f"train {NAMES[0]}",
            "deps": list(NAMES),
            "params": list(NAMES[:2]),
            "outs": [{f"{name}.pkl": {"type": "model"}} for name in NAMES],
        },
    }
    return json.dumps({"stages": stages})


def lock() -> str:
    entry = {
        "cmd": f"train {NAMES[0]}",
        "deps": [{"path": name, "hash": "md5", "md5": ONE, "size": 3} for name in NAMES],
        "params": {"params.yaml": dict.fromkeys(NAMES[:2], 1)},
        "outs": [
            {"path": f"{name}.pkl", "hash": "md5", "md5": "2" * 32, "size": 1} for name in NAMES
        ],
    }
    return json.dumps({"schema": "2.0", "stages": {"train": entry}})


def write(repo: GitRepo, text: str, value: int) -> str:
    repo.write(".dvc/config", "")
    repo.write("dvc.yaml", pipeline())
    repo.write("dvc.lock", lock())
    repo.write("params.yaml", json.dumps(dict.fromkeys(NAMES, value)))
    for name in NAMES:
        repo.write(name, text)
    return repo.commit(text)


@pytest.fixture
def runner(tmp_path: Path, github: GitHubServer) -> Runner:
    origin = GitRepo(tmp_path / "origin")
    base = write(origin, "one", 1)
    origin.branch("change")
    head = write(origin, "::error::two\n\n@everyone", 2)
    github.state.add_repository(HOME, git=origin.path)
    pull = github.state.add_pull(HOME, head_sha=head, head_branch=BRANCH, base_sha=base, number=7)
    clone = origin.clone(tmp_path / "workspace")
    made = Runner(clone.path, tmp_path / "runs", github)
    made.token = github.token(contents="write", pull_requests="write", checks="write")
    made.payload = pull_request_event(github, pull)
    return made


def texts(github: GitHubServer) -> list[str]:
    (comment,) = github.state.comments_of(HOME, 7)
    (check,) = github.state.check_runs.values()
    # What GitHub renders holds the hidden marker no more.
    return [MARKER.sub("", comment.body), str(check.summary)]


def assert_inert(text: str, github: GitHubServer) -> None:
    """Hold a text to harmless tags and words, and to links of our own.

    Those lead to our pages or to this repository, with no path that leads out of it.
    """
    reading = read(text)
    assert reading.tags <= TAGS
    bare = " ".join(reading.bare)
    for live in ("@", "#1", "GH-", "www.", "javascript", "onerror", "\u202e"):
        assert live not in bare
    for url in re.findall(r'<a href="([^"]*)"', to_html(text)):
        assert url.startswith((page(""), f"{github.url}/{HOME}/"))
        assert not {".", ".."} & set(urlsplit(url).path.split("/"))


def test_nothing_of_it_comes_alive(runner: Runner, github: GitHubServer) -> None:
    done = runner.step("pull_request", runner.payload)
    assert done.code == 1
    for text in (*texts(github), done.summary):
        assert_inert(text, github)
        codes = read(text).codes
        for name in NAMES[:4]:
            assert any(name in code for code in codes)


@ONE_SERVER
def test_the_runner_takes_nothing_of_it_for_a_command(runner: Runner) -> None:
    for check in ("true", "false"):
        done = runner.step("pull_request", runner.payload, check=check)
        assert set(commands(done.log)) <= {
            *("group", "endgroup", "stop-commands", "error", "warning", "notice")
        }
        assert set(done.outputs) == set(OUTPUTS)
        assert done.outputs["conclusion"] == "failure"


@ONE_SERVER
def test_the_token_is_nowhere(runner: Runner, tmp_path: Path) -> None:
    done = runner.step("pull_request", runner.payload, check="false")
    written = [path.read_bytes() for path in runner.files.rglob("*") if path.is_file()]
    written += [
        path.read_bytes()
        for path in (runner.workspace / "lineage-diff-report").iterdir()
        if path.is_file()
    ]
    assert runner.token not in done.log
    assert not any(runner.token.encode() in data for data in written)


@ONE_SERVER
def test_the_same_head_leaves_the_same_files(runner: Runner) -> None:
    def files(done: Done) -> dict[str, bytes]:
        folder = done.workspace / "lineage-diff-report"
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    first = files(runner.step("pull_request", runner.payload))
    assert files(runner.step("pull_request", runner.payload)) == first
    assert {"report.json", "summary.md", "comment.md", "graph-dark.png"} <= set(first)


@ONE_SERVER
def test_an_error_of_ours_is_one_line_without_the_token(
    runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise RuntimeError(f"with {runner.token}\n::error::and more")

    monkeypatch.setattr("lineage_diff.github_action.main.run", broken)
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "event.json").write_text(json.dumps(runner.payload), encoding="utf-8")
    variables = runner.variables("pull_request", folder)
    variables |= {"INPUT_GITHUB_TOKEN": runner.token}
    for debug in ("", "1"):
        stream = io.StringIO()
        assert main(variables | {"RUNNER_DEBUG": debug}, stream) == 2
        log = stream.getvalue()
        assert runner.token not in log
        assert commands(log) == [*(["stop-commands"] if debug else []), "error"]
        assert ("Traceback" in log) == bool(debug)
        assert "internal error: RuntimeError: with ***" in log


@ONE_SERVER
def test_a_report_of_a_chain_without_end_costs_little(runner: Runner, github: GitHubServer) -> None:
    head = github.state.pulls[HOME, 7].head_sha
    report = chained(30_000)
    report["head"]["commit"] = head
    (runner.workspace / "report.json").write_text(json.dumps(report), encoding="utf-8")
    payload = workflow_run_event(
        github, github.state.add_run(HOME, head_sha=head, head_branch=BRANCH)
    )
    begun = time.process_time()
    done = runner.step("workflow_run", payload, report="report.json", comment="always")
    assert time.process_time() - begun < SECONDS
    assert done.code == 0
    (comment,) = github.state.comments_of(HOME, 7)
    assert len(comment.body) < 65_536


def test_a_report_of_a_fork_s_making_comes_alive_no_more(
    runner: Runner, github: GitHubServer
) -> None:
    head = github.state.pulls[HOME, 7].head_sha
    evil = Repository("evil/models", "https://rogue.example")
    report = replace(hostile(), head=Revision("x\n::error::y", head), repository=evil)
    (runner.workspace / "report.json").write_bytes(encode_report(report))
    run = github.state.add_run(HOME, head_sha=head, head_branch=BRANCH)
    payload = workflow_run_event(github, run)
    done = runner.step("workflow_run", payload, report="report.json", comment="always")
    assert done.code == 0
    assert set(commands(done.log)) <= {"warning", "notice"}
    (comment,) = github.state.comments_of(HOME, 7)
    for text in (MARKER.sub("", comment.body), done.summary):
        assert "rogue.example" not in text
        assert_inert(text, github)
