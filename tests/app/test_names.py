"""Names that stand for a commit, wherever a revision may stand."""

import json
from itertools import count

import pytest

from lineage_diff.app.names import range_ends
from lineage_diff.cli.main import main
from tests.support.git_repo import GitRepo
from tests.support.projects import project


@pytest.fixture
def tagged(git_repo: GitRepo) -> dict[str, str]:
    """Make a repository with versions of a model in its tags; return its commits by name."""
    commits = {"one": project(git_repo)}
    git_repo.git("tag", "-a", "-m", "one", "churn@v1.0.0")
    git_repo.git("tag", "-a", "-m", "one", "churn#prod#1")
    git_repo.git("tag", "-a", "-m", "one", "team/area=churn@v0.1.0")
    git_repo.write("train.py", "print(2)\n")
    commits["two"] = git_repo.commit("two")
    git_repo.git("tag", "-a", "-m", "two", "churn@v1.1.0")
    git_repo.git("tag", "-a", "-m", "two", "churn#dev#2")
    for name in ("old@v1.0.0", "old#prod#3", "old@v1.0.0!#4"):
        git_repo.git("tag", "-a", "-m", "old", name)
    began = f"{commits['one'][:2]}/{commits['one'][2:]}"
    for name, other in (("alone", "two"), ("twice", "one")):
        git_repo.git("update-ref", f"refs/exps/{began}/{name}", commits[other])
    git_repo.git("update-ref", f"refs/exps/ab/{'c' * 38}/twice", commits["two"])
    return commits


def outcome(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    """Run a command; return its report, and what it printed to standard error."""
    main([*arguments, "--format", "json"])
    shown = capsys.readouterr()
    return shown.out, shown.err


@pytest.mark.parametrize(
    ("name", "commit"),
    [
        ("churn@v1.0.0", "one"),
        ("churn@latest", "two"),
        ("churn#prod", "one"),
        ("churn#dev", "two"),
        ("team/area:churn@v0.1.0", "one"),
        ("alone", "two"),
        ("HEAD~1", "one"),
    ],
)
def test_a_name_stands_for_a_commit(
    git_repo: GitRepo,
    tagged: dict[str, str],
    name: str,
    commit: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    repo = ("--repo", str(git_repo.path))
    report = json.loads(outcome(capsys, "status", name, *repo)[0])
    assert (report["head"]["rev"], report["head"]["commit"]) == (name, tagged[commit])
    report = json.loads(outcome(capsys, "compare", name, "main", "--direct", *repo)[0])
    assert report["base"]["commit"] == tagged[commit]
    report = json.loads(outcome(capsys, "audit", "--rev", name, *repo)[0])
    assert report["revision"]["commit"] == tagged[commit]


# Tags in the order of their dates, the commit that they name, and what the name then stands for.
@pytest.mark.parametrize(
    ("tags", "name", "commit"),
    [
        # As `gto assign --simple` makes them.
        ([("churn#live", "one")], "churn#live", "one"),
        ([("churn#live", "one"), ("churn#live#7", "two")], "churn#live", "two"),
        (
            [("churn#live", "one"), ("churn#live!", "one")],
            "churn#live",
            "no version of churn is in",
        ),
        ([("churn#live", "one"), ("churn#live#7", "two")], "churn#live#7", "two"),
        # The registry ignores these two.
        ([("light:churn#prod", "two")], "churn#prod", "one"),
        ([("light:churn#later", "two")], "churn#later", "two"),
        ([("branch:churn#later", "two")], "churn#later", "two"),
        ([("light:fix#12", "two")], "fix#12", "two"),
        # A folder, as it stands in the tag and as the configuration names it.
        ([("team/area=churn#prod#1", "one")], "team/area=churn#prod", "one"),
        ([("team/area=churn#prod#1", "one")], "team/area:churn#prod", "one"),
    ],
)
def test_a_stage_stands_for_the_version_that_holds_it(
    git_repo: GitRepo,
    tagged: dict[str, str],
    tags: list[tuple[str, str]],
    name: str,
    commit: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    dates = count(1_900_000_000)
    for tag, named in tags:
        kind, _, ref = tag.rpartition(":")
        if kind:
            place = "heads" if kind == "branch" else "tags"
            git_repo.git("update-ref", f"refs/{place}/{ref}", tagged[named])
            continue
        text = (
            f"object {tagged[named]}\ntype commit\ntag {tag}\ntagger A <a@b> {next(dates)} +0000\n"
        )
        oid = git_repo.git("mktag", stdin=f"{text}\nx\n".encode())
        git_repo.git("update-ref", f"refs/tags/{tag}", oid)
    report, error = outcome(capsys, "status", name, "--repo", str(git_repo.path))
    if commit in tagged:
        assert json.loads(report)["head"]["commit"] == tagged[commit]
    else:
        assert commit in error


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("main..churn#prod", "main..churn#prod is a range, not a commit", "main churn#prod"),
        ("churn#staging", "no version of churn is in stage 'staging'", "There is: dev, prod."),
        ("churn#prdo", "no version of churn is in stage 'prdo'", "Did you mean prod?"),
        ("churn@v1.2.0", "no version 'v1.2.0' of churn", "Did you mean v1."),
        ("chrun@v1.0.0", "unknown revision chrun@v1.0.0", "Did you mean churn@v1.0.0"),
        ("old#prod", "no version of old is in stage 'prod'", "withdrawn: deregistered, or it is"),
        ("chrun#prod", "unknown revision chrun#prod", "Did you mean churn#prod?"),
        ("twice", "twice names 2 experiments", "Name the whole ref of one: refs/exps/"),
        ("alnoe", "unknown revision alnoe", "Did you mean alone?"),
        ("xyzxyz", "unknown revision xyzxyz", "`git branch -a` lists."),
        ("models:/churn/3", "no MLflow server to ask for models:/churn/3", "MLFLOW_TRACKING_URI"),
    ],
)
def test_an_unknown_name_gets_a_hint_of_its_kind(
    git_repo: GitRepo,
    tagged: dict[str, str],
    name: str,
    message: str,
    hint: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    error = outcome(capsys, "status", name, "--repo", str(git_repo.path))[1]
    assert message in error
    assert hint in error


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("a..b", ("a", "b", True)),
        ("a...b", ("a", "b", False)),
        ("a..", ("a", "HEAD", True)),
        ("...b", ("HEAD", "b", False)),
        ("a", None),
        ("v1.0", None),
    ],
)
def test_a_range_means_what_it_means_for_git(text: str, ends: tuple[str, str, bool] | None) -> None:
    assert range_ends(text) == ends


def test_a_range_is_compared(
    git_repo: GitRepo, tagged: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    git_repo.git("checkout", "-q", "-b", "side", tagged["one"])
    git_repo.write("note", "x")
    side = git_repo.commit("side")
    repo = ("--repo", str(git_repo.path))
    for text, base, comparison in (
        ("main..side", tagged["two"], "direct"),
        ("main...side", tagged["one"], "merge-base"),
        ("churn#dev...", tagged["one"], "merge-base"),
    ):
        report = json.loads(outcome(capsys, "compare", text, *repo)[0])
        assert (report["base"]["commit"], report["comparison"]) == (base, comparison)
        assert report["head"]["commit"] == side
    assert (
        "main..side names both commits" in outcome(capsys, "compare", "main..side", "a", *repo)[1]
    )
