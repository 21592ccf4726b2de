"""After the merge: pushes to the default branch, and the issue on what they leave stale."""

import json
import re

import pytest
from msgspec.structs import replace

from lineage_diff.github_action.outcome import target_list
from lineage_diff.render.after_merge.issue import issue_text, issue_title
from lineage_diff.report.after_merge.stale_branch import ChangeSince, StaleBranch
from lineage_diff.report.findings import SuppressedFinding, Verdict
from lineage_diff.report.reasons import Reason
from lineage_diff.report.report import Report
from tests.action.payloads import HOME
from tests.action.runner import Done
from tests.action.scene import Scene
from tests.support.github import push_event
from tests.support.github.records import Issue
from tests.support.markdown import read
from tests.support.projects import DEP_TWO, LOCK, PIPELINE
from tests.support.reports import hostile, huge, stale

ONE_SERVER = pytest.mark.parametrize("github", ["github.com"], indirect=True)
CONFIG = ".github/lineage-diff.yml"


class Merges:
    """A default branch to which pull requests are merged, and the runs that follow."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.origin = scene.origin
        self.tip = scene.base
        scene.runner.token = scene.github.token(contents="read", issues="write", checks="write")

    def merge(self, number: int, message: str = "", **files: str) -> Done:
        """Squash a pull request with these files, and run the Action on the push."""
        for path, text in files.items():
            self.origin.write(path.replace("__", "/").replace("_", "."), text)
        before, self.tip = self.tip, self.origin.commit(f"Change it{message} (#{number})")
        return self.run(before)

    def run(self, before: str, **inputs: str) -> Done:
        self.scene.checkout.git("fetch", "-q", "origin")
        payload = push_event(self.scene.github, HOME, before=before, after=self.tip)
        return self.scene.runner.step("push", payload, **({"issue": "stale"} | inputs))

    @property
    def issues(self) -> list[Issue]:
        return self.scene.github.state.issues_of(HOME)


@pytest.fixture
def merges(scene: Scene) -> Merges:
    return Merges(scene)


def test_one_issue_from_the_first_stale_merge_to_the_run_that_mends_it(merges: Merges) -> None:
    done = merges.merge(12, train_py="print(2)\n")
    (issue,) = merges.issues
    assert (issue.title, issue.state) == ("1 model is stale", "open")
    home = f"{merges.scene.github.url}/{HOME}"
    assert f"changed in [`{merges.tip[:7]}`] of [pull request 12]({home}/pull/12)" in issue.body
    assert "**To fix:** `dvc repro train`, then commit `dvc.lock`." in issue.body
    assert done.outputs["issue_url"] == f"{home}/issues/{issue.number}"
    assert done.outputs["stale_targets"] == '["train"]'
    assert done.outputs["issue_url"] in done.log

    guilty = merges.tip
    merges.merge(13, README_md="more\n")
    (issue,) = merges.issues
    assert f" head={merges.tip} run=" in issue.body
    assert f"changed in [`{guilty[:7]}`]" in issue.body
    assert "pull request 13" not in issue.body

    done = merges.merge(14, dvc_lock=LOCK.format(dep=DEP_TWO, out="3" * 32))
    (issue,) = merges.issues
    assert (issue.title, issue.state, issue.state_reason) == (
        *("Everything is fresh", "closed", "completed"),
    )
    assert (done.code, done.outputs["stale_targets"]) == (0, "[]")
    assert done.outputs["issue_url"] == f"{home}/issues/{issue.number}"
    assert merges.run(merges.tip).code == 0
    assert len(merges.issues) == 1


@ONE_SERVER
def test_only_the_default_branch_and_only_if_asked(merges: Merges) -> None:
    scene = merges.scene
    assert merges.run(merges.tip, issue="never").outputs["issue_url"] == ""
    payload = push_event(
        scene.github, HOME, before=scene.base, after=scene.head, branch="more-data"
    )
    assert scene.runner.step("push", payload, issue="stale").outputs["issue_url"] == ""
    done = scene.look(issue="stale", comment="never", check="false")
    assert (done.outputs["issue_url"], done.outputs["stale_targets"]) == ("", '["train"]')
    fork = scene.github.state.change_pull(scene.pull_of_fork())
    done = scene.look(fork, issue="stale", comment="never", check="false")
    assert (done.code, done.outputs["stale_targets"]) == (1, "")
    assert not merges.issues


@ONE_SERVER
def test_what_becomes_unknown_stays_open(merges: Merges) -> None:
    merges.merge(12, train_py="print(2)\n")
    # A file that cannot be read: who knows what it says.
    done = merges.merge(13, dvc_yaml="stages: [\n")
    assert done.code == 2
    (issue,) = merges.issues
    assert issue.state == "open"
    merges.merge(14, dvc_yaml=PIPELINE, dvc_lock=LOCK.format(dep=DEP_TWO, out="3" * 32))
    (issue,) = merges.issues
    assert issue.state == "closed"


@ONE_SERVER
def test_a_refusal_is_told_and_changes_no_verdict(merges: Merges) -> None:
    merges.scene.runner.token = merges.scene.github.token(contents="read", checks="write")
    done = merges.merge(12, train_py="print(2)\n")
    assert (done.code, done.outputs["issue_url"]) == (1, "")
    assert "Give the job `permissions: issues: write` and `contents: read`" in done.log
    assert not merges.issues


@ONE_SERVER
def test_owners_are_named_and_notified_only_where_the_configuration_asks(merges: Merges) -> None:
    merges.merge(12, train_py="print(2)\n", CODEOWNERS="* @octo/ml\n")
    (issue,) = merges.issues
    assert "ask `@octo/ml` (code owners)" in issue.body
    assert "@" not in " ".join(read(issue.body).bare)
    merges.origin.write(CONFIG, "mention: true\n")
    merges.merge(14)
    (issue,) = merges.issues
    assert "\ncc @octo/ml\n" in issue.body


@ONE_SERVER
def test_a_suppressed_model_opens_nothing(merges: Merges) -> None:
    silence = "silence: [{rule: stale-model, reason: made by hand}]\n"
    merges.origin.write(CONFIG, silence)
    done = merges.merge(12, train_py="print(2)\n")
    assert (done.outputs["issue_url"], merges.issues) == ("", [])


@ONE_SERVER
def test_a_second_run_of_an_older_push_changes_nothing(merges: Merges) -> None:
    before = merges.tip
    merges.merge(12, train_py="print(2)\n")
    older = push_event(merges.scene.github, HOME, before=before, after=merges.tip)
    merges.merge(13, dvc_lock=LOCK.format(dep=DEP_TWO, out="3" * 32))
    done = merges.scene.runner.step("push", older, issue="stale")
    assert "a newer run has already written the result of a newer commit" in done.log
    assert [issue.state for issue in merges.issues] == ["closed"]


def test_nothing_comes_alive_and_all_stays_within_github_s_limits() -> None:
    everywhere = {
        stage.name: tuple(ChangeSince(stage.name, "f" * 40, stage.name, 7) for _ in range(9))
        for stage in hostile().stages
    }
    for report in (hostile(), huge(), stale()):
        branch = StaleBranch(one_commit(report), everywhere, unreadable=True)
        text = issue_text(
            branch, "`@everyone`<b>|#1", "https://x.example/o/r/actions/runs/1", 65_000
        )
        assert len(text) <= 65_000
        bare = " ".join(read(text).bare)
        for live in ("@everyone", "#1", "GH-1", "www.", "javascript:", "\u202e"):
            assert live not in bare.replace("pull request", "")
        title = issue_title(branch, "lineage-diff")
        assert re.fullmatch(r"[A-Za-z0-9, ]{1,200}", title)


def one_commit(report: Report) -> Report:
    models = tuple(replace(m, freshness="stale", change="unchanged") for m in report.models)
    stages = tuple(
        replace(s, freshness="stale", change="unchanged", reasons=(Reason("never-run", s.name),))
        for s in report.stages
    )
    return replace(report, models=models, stages=stages, base=report.head, comparison="direct")


OWN = Reason("dep-changed", "a.py", "1", "2")


def above(*names: str) -> tuple[Reason, ...]:
    return tuple(Reason("outdated-by", name) for name in names)


@pytest.mark.parametrize(
    ("reasons", "suppressed", "state", "names"),
    [
        ({"p": (), "m": ()}, [], "fresh", []),
        ({"p": (OWN,), "m": above("p")}, [], "stale", ["m", "p"]),
        ({"p": (OWN,), "m": above("p")}, [("stale-model", "m.pkl")], "fresh", []),
        ({"p": (OWN,), "m": (OWN, *above("p"))}, [("stale-stage", "p")], "stale", ["m", "p"]),
        ({"p": (OWN,), "q": above("p"), "m": ()}, [("stale-stage", "p")], "fresh", []),
        ({"p": (OWN,), "q": (OWN,), "m": ()}, [("stale-stage", "p")], "stale", ["q"]),
        # Another model needs the same stage.
        (
            {"p": (OWN,), "m": above("p"), "n": above("p")},
            [("stale-model", "m.pkl")],
            "stale",
            ["n", "p"],
        ),
        ({"p": (Reason("always-changed", "p"),), "m": ()}, [], "fresh", []),
        ({"p": (Reason("dep-unknown", "x"),), "m": ()}, [], "unknown", []),
        ({"p": (Reason("dep-unknown", "x"),), "m": (OWN,)}, [], "stale", ["m"]),
    ],
)
def test_what_counts(
    reasons: dict[str, tuple[Reason, ...]],
    suppressed: list[tuple[str, str]],
    state: str,
    names: list[str],
) -> None:
    """Stages `m` and `n` make the models `m.pkl` and `n.pkl`."""
    base = stale()
    stages, models = [], []
    for name, given in reasons.items():
        kinds = {reason.kind for reason in given}
        freshness = "unknown" if kinds & {"always-changed", "dep-unknown"} else "stale"
        freshness = freshness if kinds else "fresh"
        shown = replace(base.stages[0], name=name, reasons=given, freshness=freshness)
        stages.append(shown)
        if name in "mn":
            model = replace(base.models[0], path=f"{name}.pkl", stage=name, freshness=freshness)
            models.append(model)
    quiet = tuple(
        SuppressedFinding(rule, "error", subject, "policy", "why") for rule, subject in suppressed
    )
    verdict = Verdict("success", 0, 0, quiet)
    report = replace(base, stages=tuple(stages), models=tuple(models), verdict=verdict, findings=())
    branch = StaleBranch(report)
    assert branch.state == state
    assert sorted(stage.name for stage in branch.stages("stale")) == names


def test_targets_are_json_in_which_nothing_means_anything_to_a_shell() -> None:
    names = ["train", "a/dvc.yaml:b@c", "$(id)", "x'\";`|&\\\n{}", "über", "\U0001f600", "a b"]
    text = target_list(names)
    assert json.loads(text) == names
    assert re.fullmatch(r"[A-Za-z0-9_./:@\\\[\]\", -]*", text)
    assert target_list(()) == "[]"
    many = json.loads(target_list([f"{'x' * 900}{n}" for n in range(1_000)]))
    assert 0 < len(many) < 256
    assert len(json.loads(target_list([str(n) for n in range(1_000)]))) == 256
