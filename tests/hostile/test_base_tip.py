"""A change cannot choose by which rules it is judged: the tip of the base branch says them."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.report.report import Report
from tests.support.git_repo import GitRepo
from tests.support.projects import DEP_ONE, DEP_TWO, LOCK, PIPELINE, project

POLICY = ".github/lineage-diff.yml"
OTHER = ".github/lineage-diff.yaml"
STRICT = "rules: {stale-model: error}\n"
LAX: dict[str, tuple[str, str]] = {
    "ignore": (POLICY, "ignore: ['**']\n"),
    "rules": (POLICY, "rules: {stale-model: 'off'}\n"),
    "silence": (POLICY, "silence: [{rule: stale-model, reason: mine}]\n"),
    "limits": (POLICY, "limits: {content-bytes: 1}\n"),
    "another file": (OTHER, "ignore: ['**']\n"),
    "comment": (
        "dvc.yaml",
        PIPELINE.replace("  train:", "  # lineage-diff: ignore[stale-model] mine\n  train:"),
    ),
}


def strict(repo: GitRepo) -> None:
    """Commit a pipeline whose stale models are errors."""
    repo.write(POLICY, STRICT)
    project(repo)


def relaxed(repo: GitRepo, lax: tuple[str, str]) -> str:
    if lax[0] == OTHER:
        repo.git("rm", "-q", POLICY)
    repo.write(*lax)
    return repo.commit("relax")


def restored(repo: GitRepo, path: str) -> None:
    """Make the path, and the policy, what they were; commit it with a harmless file."""
    (repo.path / path).unlink()
    repo.write(POLICY, STRICT)
    repo.write("dvc.yaml", PIPELINE)
    repo.write("README.md", "docs\n")
    repo.commit("docs")


def stale(repo: GitRepo, start: str) -> None:
    """Make the branch `change`, which edits the script and trains nothing."""
    repo.branch("change", start)
    repo.write("train.py", "print(2)\n")
    repo.commit("edit the script")
    repo.checkout("main")


def inside_an_earlier_change(repo: GitRepo, lax: tuple[str, str]) -> str:
    repo.branch("earlier")
    start = relaxed(repo, lax)
    restored(repo, lax[0])
    repo.checkout("main")
    repo.merge("earlier")
    stale(repo, start)
    return "main"


def base_moved_on(repo: GitRepo, lax: tuple[str, str]) -> str:
    start = relaxed(repo, lax)
    restored(repo, lax[0])
    stale(repo, start)
    return "main"


def base_is_a_tag(repo: GitRepo, lax: tuple[str, str]) -> str:
    inside_an_earlier_change(repo, lax)
    repo.git("tag", "-a", "-m", "A release", "v1")
    return "v1"


def base_is_a_commit(repo: GitRepo, lax: tuple[str, str]) -> str:
    inside_an_earlier_change(repo, lax)
    return repo.git("rev-parse", "main")


def criss_cross(repo: GitRepo, lax: tuple[str, str]) -> str:
    """Both branches merge the other's first commit: two merge bases, one or both of them lax."""
    repo.branch("change")
    first = relaxed(repo, lax)
    repo.checkout("main")
    repo.write("other.txt", "other\n")
    second = repo.commit("other")
    repo.merge(first)
    restored(repo, lax[0])
    repo.checkout("change")
    repo.merge(second)
    repo.write("train.py", "print(2)\n")
    repo.commit("edit the script")
    repo.checkout("main")
    assert len(repo.git("merge-base", "--all", "main", "change").split()) == 2
    return "main"


Start = Callable[[GitRepo, tuple[str, str]], str]
STARTS: tuple[Start, ...] = (
    inside_an_earlier_change,
    base_moved_on,
    base_is_a_tag,
    base_is_a_commit,
    criss_cross,
)


def found(report: Report, rule: str) -> list[str]:
    return [finding.severity for finding in report.findings if finding.rule == rule]


@pytest.fixture(scope="module")
def started(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Start, tuple[str, str]], tuple[GitRepo, str]]:
    """Make each repository once, for the tests that only read it; return it with its base."""

    @cache
    def make(start: Start, lax: tuple[str, str]) -> tuple[GitRepo, str]:
        repo = GitRepo(tmp_path_factory.mktemp(start.__name__))
        strict(repo)
        return repo, start(repo, lax)

    return make


@pytest.mark.parametrize("direct", [False, True], ids=["merge base", "direct"])
@pytest.mark.parametrize("lax", LAX.values(), ids=LAX)
@pytest.mark.parametrize("start", STARTS, ids=lambda start: start.__name__)
def test_the_policy_of_the_merge_base_counts_for_nothing(
    started: Callable[[Start, tuple[str, str]], tuple[GitRepo, str]],
    start: Start,
    lax: tuple[str, str],
    direct: bool,
) -> None:
    git_repo, base = started(start, lax)
    report = compare_revisions(Request(git_repo.path, base, "change", direct)).report
    assert found(report, "stale-model") == ["error"]
    assert report.verdict.conclusion == "failure"
    is_other = git_repo.git("diff", "--name-only", report.base.commit, base, "--", ".github")
    told = [item.message for item in report.findings if item.rule == "policy-changed"]
    assert any("at the tip of the base branch" in message for message in told) == bool(is_other)
    is_gone = "ignore[" in git_repo.git("show", f"{report.base.commit}:dvc.yaml")
    assert any("no longer has this comment" in message for message in told) == is_gone


def test_a_policy_that_is_the_same_at_both_is_not_told(git_repo: GitRepo) -> None:
    strict(git_repo)
    start = git_repo.git("rev-parse", "HEAD")
    git_repo.write("README.md", "docs\n")
    git_repo.commit("the base moves on")
    stale(git_repo, start)
    report = compare_revisions(Request(git_repo.path, "main", "change")).report
    assert found(report, "policy-changed") == []
    assert found(report, "stale-model") == ["error"]


def test_what_the_base_branch_has_already_is_no_change_of_the_policy(git_repo: GitRepo) -> None:
    strict(git_repo)
    start = git_repo.git("rev-parse", "HEAD")
    for name in ("change", "main"):
        git_repo.git("checkout", "-q", "-B", name, start)
        git_repo.write(POLICY, "rules: {stale-model: warning}\n")
        git_repo.commit(f"relax on {name}")
    report = compare_revisions(Request(git_repo.path, "main", "change")).report
    assert found(report, "policy-changed") == ["info"]


def trained(repo: GitRepo) -> None:
    repo.write("dvc.lock", LOCK.format(dep=DEP_TWO, out="3" * 32))


def without_stage(repo: GitRepo) -> None:
    repo.write("dvc.yaml", PIPELINE.replace("train:", "fit:"))
    repo.write("dvc.lock", LOCK.format(dep=DEP_TWO, out="3" * 32).replace("train:", "fit:"))


def without_pipeline(repo: GitRepo) -> None:
    repo.remove("dvc.yaml")
    repo.remove("dvc.lock")


def unreadable(repo: GitRepo) -> None:
    repo.write("dvc.lock", "<<<<<<< HEAD\n")


def nothing_else(repo: GitRepo) -> None:
    repo.write("README.md", "docs\n")


def stale_otherwise(repo: GitRepo) -> None:
    repo.write("train.py", "print(5)\n")


@pytest.mark.parametrize("rule", ["error", "warning", "info"])
@pytest.mark.parametrize(
    ("then", "excused"),
    [
        (trained, False),
        (without_stage, False),
        (without_pipeline, False),
        (unreadable, False),
        (nothing_else, True),
        (stale_otherwise, True),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_stale_at_the_merge_base_excuses_nothing_that_the_tip_has_mended(
    git_repo: GitRepo, then: Callable[[GitRepo], None], excused: bool, rule: str
) -> None:
    git_repo.write(POLICY, f"rules: {{stale-model: {rule}}}\n")
    project(git_repo)
    git_repo.write("train.py", "print(2)\n")
    start = git_repo.commit("edit")
    then(git_repo)
    git_repo.commit("the base moves on")
    git_repo.branch("change", start)
    git_repo.write("train.py", "print(3)\n")
    git_repo.commit("edit again")
    report = compare_revisions(Request(git_repo.path, "main", "change")).report
    assert report.base.commit == start
    milder = "warning" if rule == "error" else rule
    assert found(report, "stale-model") == [milder if excused else rule]
    assert [
        model.stale_before or False for model in report.models if model.path == "model.pkl"
    ] == [excused]


def link_out(repo: GitRepo) -> None:
    (repo.path / "train.py").unlink()
    (repo.path / "train.py").symlink_to("/usr/lib/other.py")


def frozen_stage(repo: GitRepo) -> None:
    repo.write("train.py", "print(3)\n")
    repo.write("dvc.yaml", PIPELINE.replace("  train:\n", "  train:\n    frozen: true\n"))


def hidden_pipeline(repo: GitRepo) -> None:
    repo.write(".dvcignore", "dvc.yaml\n")


def converted(repo: GitRepo) -> None:
    repo.write(".gitattributes", "train.py filter=crypt\n")


@pytest.mark.parametrize(
    ("then", "hide", "was"),
    [
        (trained, link_out, "fresh"),
        (trained, converted, "fresh"),
        (trained, frozen_stage, "fresh"),
        (trained, hidden_pipeline, "fresh"),
        (nothing_else, link_out, "stale"),
        (nothing_else, converted, "stale"),
        (nothing_else, frozen_stage, None),
        (nothing_else, hidden_pipeline, None),
    ],
)
def test_what_the_tip_knows_may_not_be_made_impossible_to_judge(
    git_repo: GitRepo,
    then: Callable[[GitRepo], None],
    hide: Callable[[GitRepo], None],
    was: str | None,
) -> None:
    project(git_repo)
    git_repo.write("train.py", "print(2)\n")
    start = git_repo.commit("edit")
    then(git_repo)
    git_repo.commit("the base moves on")
    git_repo.branch("change", start)
    hide(git_repo)
    git_repo.commit("hide it")
    report = compare_revisions(Request(git_repo.path, "main", "change")).report
    assert report.base.commit == start
    told = [item for item in report.findings if item.rule == "freshness-lost"]
    assert [item.severity for item in told] == (["error"] if was else [])
    assert all(f"was {was}" in item.message for item in told)


ONE_MORE = "  two:\n    cmd: cat a.txt\n    deps: [train.py]\n    outs: [two.txt]\n"
READS_A_PARAM = (
    "  three:\n    cmd: python read.py\n    deps: [read.py, train.py]\n    outs: [three.txt]\n"
)
TRACKED = "params: [params.yaml]\n"
SCRIPT = "import yaml\np = yaml.safe_load(open('params.yaml'))\nprint(p['lr'])\n"
ENTRY = "    cmd: cat a.txt\n    outs:\n    - path: two.txt\n      md5: {}\n".format("4" * 32)
IMPORT = "deps:\n- path: x\n  repo: {url: https://example.com/data}\nouts:\n- path: raw.csv\n"
PINNED = IMPORT.replace("data}", f"data, rev_lock: {'41c0' * 10}}}")
KEPT = LOCK.format(dep=DEP_ONE, out="2" * 32)
# By rule: the file, what it is at the merge base and in the head, and what fixes it.
EXCUSED: dict[str, tuple[str, str, str]] = {
    "unlocked-stage": ("dvc.lock", KEPT, KEPT + "  two:\n" + ENTRY),
    "orphaned-lock": ("dvc.lock", KEPT + "  gone:\n" + ENTRY, KEPT),
    "missing-dep": (
        "dvc.yaml",
        PIPELINE + ONE_MORE.replace("deps: [", "deps: [none.txt, "),
        PIPELINE + ONE_MORE,
    ),
    "undeclared-dependency": (
        "dvc.yaml",
        PIPELINE + ONE_MORE,
        PIPELINE + ONE_MORE.replace("deps: [", "deps: [a.txt, "),
    ),
    "undeclared-param": (
        "dvc.yaml",
        PIPELINE + READS_A_PARAM + TRACKED,
        PIPELINE + READS_A_PARAM + "    params: [lr]\n" + TRACKED,
    ),
    "unpinned-import": ("raw.csv.dvc", IMPORT, PINNED),
    "unreachable-code": ("dvc.lock", LOCK.format(dep="7" * 32, out="2" * 32), KEPT),
}


@pytest.mark.parametrize("fixed", [True, False], ids=["fixed", "not fixed"])
@pytest.mark.parametrize("rule", EXCUSED)
def test_no_rule_is_milder_for_what_the_tip_has_mended(
    git_repo: GitRepo, rule: str, fixed: bool
) -> None:
    path, broken, right = EXCUSED[rule]
    git_repo.write(POLICY, f"rules: {{{rule}: error}}\n")
    project(git_repo)
    git_repo.write("a.txt", "a\n")
    git_repo.write("read.py", SCRIPT)
    git_repo.write("params.yaml", "lr: 1\n")
    git_repo.write("dvc.yaml", PIPELINE + ONE_MORE)
    git_repo.write(path, broken)
    start = git_repo.commit("broken")
    if fixed:
        git_repo.write(path, right)
    git_repo.write("README.md", "docs\n")
    git_repo.commit("the base moves on")
    git_repo.branch("change", start)
    git_repo.write("dvc.yaml", (git_repo.path / "dvc.yaml").read_text() + "metrics: []\n")
    git_repo.write("train.py", "print(4)\n")
    git_repo.commit("something else")
    report = compare_revisions(Request(git_repo.path, "main", "change")).report
    assert found(report, rule) == ["error" if fixed else "info"]


def _noting(read: Callable[..., Any], asked: list[str]) -> Callable[..., Any]:
    def noted(self: LineageReader, commit: str, *more: Any) -> Any:
        asked.append(commit)
        return read(self, commit, *more)

    return noted


def test_the_tip_is_read_only_where_something_would_be_excused(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(git_repo)
    start = git_repo.git("rev-parse", "HEAD")
    git_repo.write("README.md", "docs\n")
    tip = git_repo.commit("the base moves on")
    stale(git_repo, start)
    asked: list[str] = []
    for name in ("read", "read_with_contents"):
        monkeypatch.setattr(LineageReader, name, _noting(getattr(LineageReader, name), asked))
    assert compare_revisions(Request(git_repo.path, "main", "change")).report.verdict.errors
    assert tip not in asked


@pytest.mark.parametrize("link", [POLICY, ".github"])
def test_a_configuration_behind_a_link_counts_as_well(git_repo: GitRepo, link: str) -> None:
    project(git_repo)
    start = git_repo.git("rev-parse", "HEAD")
    git_repo.write("ours/lineage-diff.yml", "rules: {stale-model: warning}\n")
    git_repo.symlink(link, "ours" if link == ".github" else "../ours/lineage-diff.yml")
    git_repo.commit("the base moves on")
    stale(git_repo, start)
    report = compare_revisions(Request(git_repo.path, "main", "change")).report
    assert found(report, "stale-model") == ["warning"]
