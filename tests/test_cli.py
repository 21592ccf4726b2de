"""The command line from outside: exit codes, one clear line for bad input, the formats."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lineage_diff.cli import commands
from lineage_diff.cli.commands import COMMANDS
from tests.support.git_repo import GitRepo
from tests.support.projects import CYCLE, DEP_ONE, DEP_TWO, LOCK, PIPELINE, call, project


def empty_folder(repo: GitRepo, folder: Path) -> list[str]:
    return ["compare", "HEAD", "HEAD", "--repo", str(folder)]


def no_dvc(repo: GitRepo, folder: Path) -> list[str]:
    repo.write("readme", "x")
    repo.commit("nothing of DVC")
    return ["compare", "HEAD", "HEAD", "--repo", str(repo.path)]


def unknown_revision(repo: GitRepo, folder: Path) -> list[str]:
    project(repo)
    repo.branch("feature-one")
    return ["compare", "featur-one", "HEAD", "--repo", str(repo.path)]


def option_as_revision(repo: GitRepo, folder: Path) -> list[str]:
    project(repo)
    return ["compare", "--repo", str(repo.path), "--", "--upload-pack=touch x", "HEAD"]


def broken(name: str, text: str) -> Callable[[GitRepo, Path], list[str]]:
    def case(repo: GitRepo, folder: Path) -> list[str]:
        project(repo)
        repo.write(name, text)
        repo.commit("break it")
        return ["compare", "HEAD~1", "HEAD", "--repo", str(repo.path)]

    return case


def no_merge_base(repo: GitRepo, folder: Path) -> list[str]:
    project(repo)
    for number in range(3):
        repo.write("train.py", f"print({number})\n")
        repo.commit(f"edit {number}")
    first = repo.git("rev-parse", "HEAD~3").strip()
    repo.git("checkout", "-q", "-b", "side", first)
    repo.write("train.py", "print('side')\n")
    repo.commit("side")
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    clone = folder / "shallow"
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", "--no-single-branch", repo.path.as_uri(), str(clone)],
        check=True,
    )
    return ["compare", "origin/main", "origin/side", "--repo", str(clone)]


CONFLICT = "<<<<<<< HEAD\n" + LOCK.format(dep="1" * 32, out="2" * 32) + "=======\n>>>>>>> b\n"
OVERLAP = """stages:
  one:
    cmd: a
    outs: [data]
  two:
    cmd: b
    outs: [data/part.txt]
"""


@pytest.mark.parametrize(
    ("case", "says"),
    [
        (empty_folder, ["not a Git repository", "--repo"]),
        (no_dvc, ["no DVC project", "dvc init"]),
        (unknown_revision, ["featur-one", "feature-one"]),
        (option_as_revision, ["--upload-pack=touch x"]),
        (broken("dvc.lock", CONFLICT), ["dvc.lock:1", "conflict"]),
        (
            broken("dvc.yaml", PIPELINE + "  train:\n    cmd: again\n"),
            ["dvc.yaml:8", "train", "twice"],
        ),
        (broken("dvc.lock", "schema: '3.0'\nstages: {}\n"), ["dvc.lock:1", "3.0"]),
        (
            broken("dvc.yaml", PIPELINE.replace("cmd: python", "cmd: ${no.such}")),
            ["dvc.yaml:2", "train", "no.such"],
        ),
        (broken("dvc.yaml", CYCLE), ["dvc.yaml:", "one", "two", "circle"]),
        (broken("dvc.yaml", OVERLAP), ["dvc.yaml:", "data/part.txt", "one", "two"]),
        (no_merge_base, ["fetch-depth: 0"]),
        (broken(".dvc/nothing", ""), []),
    ],
    ids=[
        "not-git",
        "no-dvc",
        "unknown-revision",
        "option-as-revision",
        "lock-conflict",
        "duplicate-key",
        "newer-lock",
        "unresolved-variable",
        "cycle",
        "overlapping-outs",
        "shallow",
        "control",
    ],
)
def test_bad_input_ends_in_one_clear_line(
    git_repo: GitRepo,
    tmp_path: Path,
    case: Callable[[GitRepo, Path], list[str]],
    says: list[str],
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = call(*case(git_repo, elsewhere))
    errors = [line for line in done.stderr.splitlines() if line]
    assert "Traceback" not in done.stderr
    if not says:
        assert (done.returncode, errors) == (0, [])
        return
    assert done.returncode == 2
    assert len(errors) == 1
    assert errors[0].startswith("lineage-diff: error: ")
    for words in says:
        assert words in errors[0]


def test_a_missing_blob_of_a_partial_clone_is_named(git_repo: GitRepo, tmp_path: Path) -> None:
    project(git_repo)
    git_repo.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "partial"
    source = git_repo.path.as_uri()
    command = ["git", "clone", "-q", "--bare", "--filter=blob:none", source, str(clone)]
    subprocess.run(command, check=True)
    done = call("compare", "--direct", "HEAD", "HEAD", "--repo", str(clone))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "dvc.yaml" in done.stderr
    assert "filter" in done.stderr
    shown = call("compare", "--direct", "HEAD", "HEAD", "--repo", str(clone), "--format", "json")
    assert "missing-object" in {found["rule"] for found in json.loads(shown.stdout)["findings"]}


def test_one_broken_pipeline_does_not_hide_the_others(git_repo: GitRepo) -> None:
    project(git_repo)
    git_repo.write("broken/dvc.yaml", "stages: [\n")
    git_repo.write("train.py", "print(2)\n")
    git_repo.write("dvc.lock", LOCK.format(dep="3" * 32, out="4" * 32))
    git_repo.commit("retrain, and break another pipeline")
    done = call("compare", "HEAD~1", "HEAD", "--repo", str(git_repo.path), "--format", "json")
    assert done.returncode == 2
    assert "broken/dvc.yaml" in done.stderr
    report = json.loads(done.stdout)
    assert [(model["path"], model["change"]) for model in report["models"]] == [
        ("model.pkl", "retrained")
    ]
    assert any(
        finding["rule"] == "invalid-pipeline" and finding["file"] == "broken/dvc.yaml"
        for finding in report["findings"]
    )


def test_every_format_is_written_and_shown_again_to_the_same_bytes(
    git_repo: GitRepo, tmp_path: Path
) -> None:
    project(git_repo)
    git_repo.write("train.py", "print(2)\n")
    git_repo.commit("edit and do not retrain")
    names = ["r.json", "c.md", "g.svg", "g.png", "g.dot", "g.mmd", "t.txt"]
    files = [argument for name in names for argument in ("-o", str(tmp_path / "one" / name))]
    done = call("compare", "HEAD~1", "HEAD", "--repo", str(git_repo.path), *files)
    assert done.returncode == 1, done.stderr
    saved = str(tmp_path / "one" / "r.json")
    again = [argument for name in names for argument in ("-o", str(tmp_path / "two" / name))]
    assert call("show", saved, *again).returncode == 0
    for name in names:
        first = (tmp_path / "one" / name).read_bytes()
        assert first
        assert first == (tmp_path / "two" / name).read_bytes(), name


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not a report"),
        ("[]", "not a report"),
        ('{"schema_version": 2}', "schema_version"),
    ],
)
def test_show_refuses_what_is_no_report(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "report.json"
    file.write_text(text)
    done = call("show", str(file))
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_head_defaults_to_the_checked_out_commit_and_base_to_the_default_branch(
    git_repo: GitRepo,
) -> None:
    base = project(git_repo)
    git_repo.branch("feature")
    git_repo.write("dvc.lock", LOCK.format(dep=DEP_ONE, out=DEP_TWO))
    head = git_repo.commit("retrain")
    report = json.loads(call("compare", "--format", "json", cwd=git_repo.path).stdout)
    assert (report["base"]["commit"], report["head"]["commit"]) == (base, head)
    assert report["comparison"] == "merge-base"


LOADED = """
import sys
from lineage_diff.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit:
    print("loaded:", *sorted(sys.modules))
"""


@pytest.mark.parametrize("name", [None, *(command.name for command in COMMANDS)])
def test_help_loads_only_the_command_asked_for(name: str | None) -> None:
    asked = ["--help"] if name is None else [name, "--help"]
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *asked], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.partition("loaded:")[2].split())
    commands = {command.module for command in COMMANDS}
    assert loaded & commands == {c.module for c in COMMANDS if c.name == name}
    assert loaded.isdisjoint({"msgspec", "yaml", "jinja2", "rich", "lineage_diff.app"})


def test_every_file_of_a_command_is_in_the_table() -> None:
    folder = Path(commands.__file__).parent
    files = {
        ".".join((commands.__name__, *file.relative_to(folder).with_suffix("").parts))
        for file in folder.rglob("[!_]*.py")
    }
    assert files == {command.module for command in COMMANDS}
