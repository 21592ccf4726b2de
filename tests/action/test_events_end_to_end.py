"""Every row of the table of events, from the payload to what GitHub and the runner then hold."""

import base64
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from lineage_diff.render.last_push import read_state
from lineage_diff.report.report import decode_report
from tests.action import payloads
from tests.action.payloads import HOME
from tests.action.scene import Scene
from tests.support.github import GitHubServer, merge_group_event, pull_request_event, push_event

AUDIT_FILES = ["audit.html", "audit.json", "audit.md"]


def test_a_pull_request(scene: Scene) -> None:
    pull = scene.pull()
    done = scene.runner.step("pull_request", pull_request_event(scene.github, pull))
    assert done.code == 1
    (comment,) = scene.comments()
    assert "1 model is stale" in comment
    assert "<picture>" in comment
    home = f"{scene.github.url}/{HOME}"
    assert f"\n[`{scene.head[:7]}`]: {home}/commit/{scene.head}\n" in comment
    assert f"]({home}/blob/{scene.head}/" in comment
    assert f"[full report]({home}/actions/runs/" in comment
    (check,) = scene.github.state.check_runs_of(HOME, scene.head)
    assert (check.name, check.conclusion) == ("lineage-diff report", "failure")
    assert "1 model is stale" in done.summary
    assert "```mermaid" in done.summary
    assert done.outputs == {
        "conclusion": "failure",
        "affected_models": "1",
        "stale_models": "1",
        "errors": "1",
        "warnings": "0",
        "comment_url": f"{scene.github.url}/{HOME}/pull/7#issuecomment-"
        f"{scene.github.state.comments_of(HOME, 7)[0].id}",
        "report_path": "lineage-diff-report/report.json",
        "summary_path": "lineage-diff-report/summary.md",
        "failed_conditions": "",
        "issue_url": "",
        "stale_targets": '["train"]',
    }
    report = decode_report(done.file("report.json").encode(), "report.json")
    assert (report.base.rev, report.base.commit) == ("main", scene.base)
    assert (report.head.rev, report.head.commit) == ("more-data", scene.head)
    assert report.repository.name == HOME
    assert scene.checkout.git("status", "--porcelain") == ""
    assert scene.checkout.git("rev-parse", "HEAD") == scene.base


def test_the_same_commit_again_calls_for_no_change(scene: Scene) -> None:
    payload = pull_request_event(scene.github, scene.pull())
    scene.runner.step("pull_request", payload)
    before = scene.github.state.comments_of(HOME, 7)
    writes = sum(one.method != "GET" for one in scene.github.log if "comments" in one.path)
    scene.runner.step("pull_request", payload)
    assert scene.github.state.comments_of(HOME, 7) == before
    again = sum(one.method != "GET" for one in scene.github.log if "comments" in one.path)
    assert (writes, again) == (1, 1)


def test_a_push_to_the_pull_request_brings_the_comment_up_to_date(scene: Scene) -> None:
    pull = scene.pull()
    first = scene.runner.step("pull_request", pull_request_event(scene.github, pull))
    scene.origin.checkout("more-data")
    pull = scene.github.state.push(pull, scene.retrained())
    second = scene.runner.step("pull_request", pull_request_event(scene.github, pull))
    assert (first.code, second.code) == (1, 0)
    (comment,) = scene.comments()
    assert "1 model retrained" in comment
    before = f"Since [`{scene.head[:7]}`]: 1 model made fresh, 1 error fewer."
    assert comment.splitlines()[3] == before
    scene.runner.step("pull_request", pull_request_event(scene.github, pull))
    assert scene.comments() == [comment]
    assert first.outputs["comment_url"] == second.outputs["comment_url"]


def test_a_push_that_changes_nothing_is_not_mentioned(scene: Scene) -> None:
    pull = scene.pull()
    scene.look(pull)
    scene.origin.checkout("more-data")
    scene.origin.write("README.md", "words\n")
    scene.look(scene.github.state.push(pull, scene.origin.commit("describe")))
    (comment,) = scene.comments()
    assert "1 model is stale" in comment
    assert "Since" not in comment


def packed(*state: object) -> str:
    text = zlib.compress(json.dumps(state).encode())
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


@pytest.mark.parametrize("github", ["github.com"], indirect=True)
@pytest.mark.parametrize(
    ("state", "line"),
    [
        ("", None),
        ("x", None),
        ("A" * 60_000, None),
        (base64.urlsafe_b64encode(zlib.compress(b" " * 1_000_000)).decode().rstrip("="), None),
        (packed(2, "a" * 40, 1, [], [], [], True), None),
        (packed(1, "a" * 40, 1, ["x"], [], [], True), None),
        (packed(1, "a" * 40, 0, [], [], [["m.json", "acc", 1, 2]], True), None),
        ("[3, [], [], [], true]", "3 errors fewer."),
        ('[0, [], [], [["m.json", "<img src=x>@all", 1, 2]], true]', "`<img src=x>@all` −1."),
    ],
    ids=["none", "short", "long", "inflated", "newer", "ids", "other base", "errors", "markup"],
)
def test_a_state_that_someone_edited_is_checked_and_escaped(
    scene: Scene, state: str, line: str | None
) -> None:
    pull = scene.pull()
    scene.look(pull)
    (comment,) = scene.github.state.comments_of(HOME, 7)
    if line is not None:
        state = packed(1, scene.base, *json.loads(state))
    body = re.sub(r"now=[\w-]+", f"now={state}", comment.body)
    scene.github.state.edit_comment(comment, body, user="mallory")
    scene.origin.checkout("more-data")
    done = scene.look(scene.github.state.push(pull, scene.retrained()))
    assert done.code == 0
    (text,) = scene.comments()
    since = [row for row in text.splitlines() if row.startswith("Since")]
    assert since == ([f"Since [`{scene.head[:7]}`]: {line}"] if line else [])
    # The next push is compared with a state of ours again.
    assert read_state(text.rpartition("now=")[2].partition(" ")[0]) is not None


def test_the_merge_commit_of_the_checkout_is_not_looked_at(scene: Scene, tmp_path: Path) -> None:
    scene.origin.checkout("main")
    scene.origin.write("dvc.yaml", "stages: {}\n")
    main = scene.origin.commit("meanwhile, no pipeline on main")
    scene.origin.git("checkout", "-q", "--detach", "main")
    scene.origin.git("merge", "-q", "-s", "ours", "-m", "merge", "more-data")
    merged = scene.origin.git("rev-parse", "HEAD")
    scene.checkout.git("fetch", "-q", "--depth=1", "origin", merged)
    scene.checkout.git("checkout", "-q", "--detach", merged)
    payload = pull_request_event(scene.github, scene.pull())
    payload["pull_request"]["base"]["sha"] = main
    done = scene.runner.step("pull_request", payload)
    report = decode_report(done.file("report.json").encode(), "report.json")
    assert report.base.commit == scene.base
    assert done.outputs["stale_models"] == "1"


def unrelated(scene: Scene) -> str:
    scene.origin.checkout("main")
    scene.origin.branch("docs")
    scene.origin.write("README.md", "words")
    return scene.origin.commit("words alone")


@pytest.mark.parametrize(
    ("comment", "written"), [("changes", 0), ("always", 1), ("never", 0)], ids=str
)
def test_nothing_of_dvc_changed(scene: Scene, comment: str, written: int) -> None:
    pull = scene.pull(unrelated(scene))
    payload = pull_request_event(scene.github, pull)
    done = scene.runner.step("pull_request", payload, comment=comment)
    assert (done.code, done.outputs["conclusion"]) == (0, "success")
    assert len(scene.comments()) == written


def test_what_was_stale_before_calls_for_no_comment(scene: Scene) -> None:
    scene.origin.checkout("more-data")
    scene.origin.write("README.md", "words")
    payload = pull_request_event(scene.github, scene.pull(scene.origin.commit("words alone")))
    payload["pull_request"]["base"]["sha"] = scene.head
    done = scene.runner.step("pull_request", payload)
    assert (done.code, done.outputs["stale_models"]) == (0, "1")
    assert "still stale" in done.summary
    assert scene.comments() == []


def test_a_comment_says_when_nothing_is_left(scene: Scene) -> None:
    pull = scene.pull()
    scene.runner.step("pull_request", pull_request_event(scene.github, pull))
    pull = scene.github.state.push(pull, unrelated(scene))
    scene.runner.step("pull_request", pull_request_event(scene.github, pull))
    (comment,) = scene.comments()
    assert "nothing changed" in comment


def test_a_repository_without_dvc_passes_with_a_notice(
    tmp_path: Path, github: GitHubServer
) -> None:
    scene = Scene(tmp_path, github)
    scene.origin.git("checkout", "-q", "--orphan", "other")
    scene.origin.git("rm", "-rqf", ".")
    scene.origin.write("README.md", "one")
    base = scene.origin.commit("one")
    scene.origin.write("README.md", "two")
    pull = scene.pull(scene.origin.commit("two"))
    payload = pull_request_event(github, pull)
    payload["pull_request"]["base"]["sha"] = base
    done = scene.runner.step("pull_request", payload)
    assert (done.code, done.outputs["conclusion"]) == (0, "neutral")
    assert "contains a DVC pipeline or DVC data" in done.summary
    assert scene.comments() == []


@pytest.mark.parametrize("github", ["github.com"], indirect=True)
@pytest.mark.parametrize(("file", "code"), [("train.py", 1), ("README.md", 0)])
def test_a_change_that_began_without_dvc(scene: Scene, file: str, code: int) -> None:
    """Its base branch has what the change does not see: in both commits there is no DVC."""
    origin = scene.origin
    for path in origin.git("ls-files", ".dvc", "dvc.*").splitlines():
        origin.remove(path)
    start = origin.commit("no DVC")
    origin.git("checkout", "-q", scene.base, "--", ".")
    scene.base = origin.commit("DVC again")
    origin.git("checkout", "-q", "-B", "more-data", start)
    origin.write(file, "print(5)\n")
    pull = scene.pull(origin.commit("edit"))
    origin.checkout("main")
    done = scene.runner.step("pull_request", pull_request_event(scene.github, pull))
    assert (done.code, done.outputs["errors"]) == (code, str(code))


@pytest.mark.parametrize("is_stale", [True, False])
def test_closed(scene: Scene, is_stale: bool) -> None:
    """Its check counts for another pull request with the same head, too."""
    scene.origin.checkout("more-data")
    pull = scene.pull(None if is_stale else scene.retrained())
    scene.runner.step("pull_request", pull_request_event(scene.github, pull))
    held = scene.origin.git("for-each-ref", "--format=%(refname)", "refs/lineage-diff")
    before = scene.comments(), len(scene.github.state.check_runs)
    pull = scene.github.state.change_pull(pull, state="closed")
    done = scene.runner.step("pull_request", pull_request_event(scene.github, pull, "closed"))
    assert held
    assert scene.origin.git("for-each-ref", "--format=%(refname)", "refs/lineage-diff") == ""
    wanted = (1, "failure") if is_stale else (0, "success")
    assert (done.code, done.outputs["conclusion"]) == wanted
    assert (scene.comments(), len(scene.github.state.check_runs)) == before


@pytest.mark.parametrize("github", ["github.com"], indirect=True)
def test_closed_and_its_commits_are_gone(scene: Scene) -> None:
    pull = scene.pull()
    scene.runner.step("pull_request", pull_request_event(scene.github, pull))
    pull = scene.github.state.change_pull(pull, state="closed")
    payload = pull_request_event(scene.github, pull, "closed")
    payload["pull_request"]["head"]["sha"] = "f" * 40
    done = scene.runner.step("pull_request", payload)
    assert scene.origin.git("for-each-ref", "--format=%(refname)", "refs/lineage-diff") == ""
    assert done.code == 2


def test_merge_queue(scene: Scene) -> None:
    payload = merge_group_event(scene.github, HOME, base_sha=scene.base, head_sha=scene.head)
    done = scene.runner.step("merge_group", payload)
    assert (done.code, done.outputs["stale_models"]) == (1, "1")
    (check,) = scene.github.state.check_runs_of(HOME, scene.head)
    assert check.conclusion == "failure"


PUSHES: dict[str, tuple[Callable[[Scene], tuple[str, str, str]], int, str]] = {
    "after": (lambda scene: (scene.base, scene.head, "more-data"), 1, "1"),
    "first": (lambda scene: ("0" * 40, scene.head, "more-data"), 1, "1"),
    "first of the default branch": (lambda scene: ("0" * 40, scene.base, "main"), 0, "0"),
    "back": (lambda scene: (scene.head, scene.base, "more-data"), 0, "0"),
    "deleted": (lambda scene: (scene.head, "0" * 40, "more-data"), 0, ""),
}


@pytest.mark.parametrize(("sides", "code", "stale"), PUSHES.values(), ids=PUSHES)
def test_push(
    scene: Scene, sides: Callable[[Scene], tuple[str, str, str]], code: int, stale: str
) -> None:
    before, after, branch = sides(scene)
    payload = push_event(scene.github, HOME, before=before, after=after, branch=branch)
    done = scene.runner.step("push", payload)
    assert (done.code, done.outputs["stale_models"]) == (code, stale)
    assert len(scene.github.state.check_runs_of(HOME, after)) == (1 if stale else 0)


@pytest.mark.parametrize(("branch", "code"), [("more-data", 1), ("main", 0)])
def test_a_forced_push_whose_commit_before_is_gone(scene: Scene, branch: str, code: int) -> None:
    after = scene.head if branch == "more-data" else scene.base
    payload = payloads.push(f"refs/heads/{branch}", before="f" * 40, after=after, forced=True)
    done = scene.runner.step("push", payload)
    assert (done.code, done.outputs["stale_models"]) == (code, str(code))


def test_tag(scene: Scene) -> None:
    scene.origin.git("tag", "-a", "-m", "A release", "v1", "more-data")
    scene.checkout.git("fetch", "-q", "--tags")
    tag = scene.origin.git("rev-parse", "v1")
    payload = payloads.push("refs/tags/v1", before="0" * 40, after=tag)
    done = scene.runner.step("push", payload)
    assert (done.code, done.outputs["stale_models"]) == (1, "1")
    assert len(scene.github.state.check_runs_of(HOME, scene.head)) == 1


@pytest.mark.parametrize(
    ("event", "inputs", "code"),
    [
        ("workflow_dispatch", {"base": "main", "head": "more-data"}, 1),
        ("workflow_dispatch", {"head": "more-data"}, 1),
        ("workflow_dispatch", {}, 0),
        ("schedule", {}, 0),
    ],
)
def test_by_hand_and_by_the_clock(
    scene: Scene, event: str, inputs: dict[str, str], code: int
) -> None:
    done = scene.runner.step(event, payloads.by_hand(), **inputs)
    assert (done.code, done.outputs["stale_models"]) == (code, str(code))
    assert done.file("report.json")
    assert not any(one.method == "POST" and "git-" not in one.path for one in scene.github.log)
    asked = sorted(path.name for path in done.folder.glob("*audit*"))
    assert asked == ([] if "base" in inputs else AUDIT_FILES)


def test_an_audit_with_questions(scene: Scene) -> None:
    asked = {"model": "model.pkl", "data": "train.py", "since": "main"}
    done = scene.runner.step("workflow_dispatch", payloads.by_hand(), **asked)
    report = json.loads(done.file("audit.json"))
    assert [trace["path"] for trace in report["traces"]] == ["model.pkl"]
    assert [len(report[name]) for name in ("histories", "impacts", "fixes")] == [1, 1, 1]
    assert report["repository"]["name"] == HOME
    assert report["revision"]["commit"] == scene.base
    assert done.file("versions.csv").count("model.pkl") >= 1
    for heading in ("Where `model.pkl` came from", "Made from `train.py`", "Made again from"):
        assert heading in done.file("audit.md")
        assert heading in done.summary


EXPORT = {"export": "json\ncollibra\n\nfacts"}
EXPORTED = [
    "collibra/lineage.json",
    "collibra/metadata.json",
    "facts/facts.jsonl",
    "json/lineage.json",
]


@pytest.mark.parametrize(
    ("branch", "files"), [("main", EXPORTED), ("more-data", [])], ids=["default", "other"]
)
def test_a_push_to_the_default_branch_is_exported(
    scene: Scene, branch: str, files: list[str]
) -> None:
    payload = push_event(scene.github, HOME, before=scene.base, after=scene.head, branch=branch)
    done = scene.runner.step("push", payload, **EXPORT)
    assert exported(done.folder) == files
    if files:
        dag = json.loads(done.file("exports/json/lineage.json"))
        assert dag["repository"]["id"] == f"127.0.0.1/{HOME}"
        assert dag["commit"]["id"] == scene.head


def test_a_pull_request_is_never_exported(scene: Scene) -> None:
    payload = pull_request_event(scene.github, scene.pull())
    assert exported(scene.runner.step("pull_request", payload, **EXPORT).folder) == []


def test_a_run_by_hand_is_exported(scene: Scene) -> None:
    done = scene.runner.step("workflow_dispatch", payloads.by_hand(), head="more-data", **EXPORT)
    assert exported(done.folder) == EXPORTED


def exported(folder: Path) -> list[str]:
    exports = folder / "exports"
    files = sorted(path for path in exports.rglob("*") if path.is_file())
    names = (path.relative_to(exports).as_posix() for path in files)
    return [
        name
        for name in names
        if not name.startswith("collibra/source_codes/") and ".git" not in name
    ]


def test_an_audit_of_a_version_is_that_of_its_commit(scene: Scene) -> None:
    pipeline = scene.checkout.path.joinpath("dvc.yaml").read_text()
    named = "artifacts:\n  churn: {path: model.pkl, type: model}\n"
    scene.checkout.write("dvc.yaml", pipeline + named)
    registered = scene.checkout.commit("name the model")
    scene.checkout.git("tag", "-a", "-m", "v1", "churn@v1.0.0")
    scene.checkout.write("train.py", "print(3)\n")
    scene.checkout.commit("edit the script")
    done = scene.runner.step("schedule", payloads.schedule(), model="churn@v1.0.0")
    assert json.loads(done.file("audit.json"))["revision"]["commit"] == registered


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"model": "model.pk"}, "model.pkl"),
        ({"data": "trian.py"}, "train.py"),
        ({"data": "train.py", "since": "nowhere"}, "nowhere"),
    ],
)
def test_an_audit_of_what_is_not_there_names_what_is(
    scene: Scene, inputs: dict[str, str], message: str
) -> None:
    done = scene.runner.step("workflow_dispatch", payloads.by_hand(), **inputs)
    assert done.code == 2
    assert message in done.log


def test_an_audit_without_models_warns_on_the_page_of_the_run(scene: Scene) -> None:
    for path in ("dvc.yaml", "dvc.lock"):
        text = (scene.origin.path / path).read_text(encoding="utf-8")
        scene.origin.write(path, text.replace("model.pkl", "table.csv"))
    scene.origin.commit("make a table instead")
    scene.checkout.git("pull", "-q", "origin", "main")
    done = scene.runner.step("workflow_dispatch", payloads.by_hand())
    assert done.code == 0
    assert json.loads(done.file("audit.json"))["no_model"]
    assert done.log.count("::warning::No model found: name yours under models") == 1
