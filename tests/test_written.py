"""What standard error says beside files: the outcome, the files, and which configuration counts."""

import gc
import os
import subprocess
import sys
import weakref
from argparse import Namespace
from pathlib import Path

import pytest

from lineage_diff import limits
from lineage_diff.cli.output import write_rendered
from lineage_diff.render.options import ShowOptions
from tests.support.git_repo import GitRepo
from tests.support.projects import DEP_ONE, DEP_TWO, LOCK, call, project

CONFIGURATION = ".github/lineage-diff.yml"


@pytest.fixture
def repo(git_repo: GitRepo) -> GitRepo:
    """A retrained model on a branch, whose script was edited after that."""
    project(git_repo)
    git_repo.branch("feature")
    git_repo.write("dvc.lock", LOCK.format(dep=DEP_ONE, out=DEP_TWO))
    git_repo.commit("retrain")
    git_repo.write("train.py", "print(3)\n")
    git_repo.commit("edit")
    return git_repo


@pytest.mark.parametrize(
    ("command", "suffix", "outcome"),
    [
        (
            "compare main",
            ".html",
            ["🔴 1 model retrained, stale", "Verdict: fail, 1 error, 0 warnings."],
        ),
        (
            "status",
            ".json",
            [
                "🔴 1 model is stale, 1 of 1 stage stale",
                "Verdict: fail, 1 error, 0 warnings.",
            ],
        ),
        (
            "lint",
            ".sarif",
            ["🟢 no problem found in the work tree", "Verdict: pass, 0 errors, 0 warnings."],
        ),
        ("audit", ".html", ["1 model at {head} (HEAD), 1 error"]),
        ("trace model.pkl", ".md", ["model.pkl at {head}: made from 1 input"]),
        ("history model.pkl", ".csv", ["model.pkl: 2 versions"]),
        ("impact train.py", ".json", ["train.py: 1 model"]),
    ],
)
def test_files_are_named_below_the_outcome(
    repo: GitRepo, tmp_path: Path, command: str, suffix: str, outcome: list[str]
) -> None:
    files = [str(tmp_path / "new" / f"{name}{suffix}") for name in "ab"]
    done = call(*command.split(), *(f"-o{file}" for file in files), cwd=repo.path)
    said = [line.format(head=repo.git("rev-parse", "HEAD")[:7]) for line in outcome]
    assert done.stdout == ""
    assert done.stderr.splitlines() == [*said, *(f"Written: {file}" for file in files)]


@pytest.mark.parametrize(
    ("output", "lines"),
    [
        ("--format terminal -o {file}.txt --format json", 3),
        ("--format terminal -o - -o {file}.json", 1),
        (f"--format json -o {os.devnull}", 0),
        ("--format json -o -", 0),
        ("--format json", 0),
    ],
)
def test_the_outcome_is_said_once(repo: GitRepo, tmp_path: Path, output: str, lines: int) -> None:
    words = output.format(file=tmp_path / "x").split()
    assert len(call("status", *words, cwd=repo.path).stderr.splitlines()) == lines


@pytest.mark.parametrize(
    ("command", "first", "verdict"),
    [
        ("compare main", "❌ stale-model dvc.yaml:", "Verdict: fail, 1 error, 0 warnings."),
        ("status", "❌ stale-model dvc.yaml:", "Verdict: fail, 1 error, 0 warnings."),
        ("status main", None, "Verdict: pass, 0 errors, 0 warnings."),
        ("lint", None, "Verdict: pass, 0 errors, 0 warnings."),
    ],
)
def test_quiet_prints_the_errors_and_the_verdict_only(
    repo: GitRepo, tmp_path: Path, command: str, first: str | None, verdict: str
) -> None:
    repo.write(CONFIGURATION, "rules: {}\n")
    done = call(*command.split(), "--quiet", cwd=repo.path)
    lines = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert [line[: len(first or "")] for line in lines[:-1]] == ([first] if first else [])
    assert lines[-1] == verdict
    assert done.stderr == ""
    done = call(*command.split(), "-q", "-o", str(tmp_path / "x.json"), cwd=repo.path)
    assert done.stderr.splitlines() == [verdict]


def test_a_commit_without_a_readable_pipeline_has_a_verdict(git_repo: GitRepo) -> None:
    git_repo.write(".dvc/config", "")
    git_repo.write("dvc.yaml", "stages: [\n")
    git_repo.commit("broken")
    done = call("status", cwd=git_repo.path)
    first, *_, last = done.stdout.splitlines()
    assert first == "🔴 1 error, 0 warnings at HEAD"
    assert last == "Verdict: fail, 1 error, 0 warnings."


@pytest.mark.parametrize("more", ["--all", "--verbose", "-v"])
def test_verbose_prints_every_row_and_is_not_quiet(repo: GitRepo, more: str) -> None:
    assert call("status", more, cwd=repo.path).returncode == 1
    assert call("status", more, "-q", cwd=repo.path).returncode == 2


@pytest.mark.parametrize(
    ("command", "committed", "on_disk", "counts"),
    [
        ("status", None, "rules: {}\n", "HEAD"),
        ("status", "rules: {}\n", "ignore: []\n", "HEAD"),
        ("status", "rules: {}\n", "rules: {}\r\n", None),
        ("status", "rules: {}\n", None, None),
        ("status main", "rules: {}\n", "ignore: []\n", None),
        ("compare main", "rules: {}\n", "rules: {}\n", "main"),
        ("compare main main", "rules: {}\n", "rules: {}\n", None),
        ("audit", "rules: {}\n", "ignore: []\n", "HEAD"),
        ("lint", "rules: {}\n", "ignore: []\n", None),
        ("status --config other.yml", "rules: {}\n", "ignore: []\n", None),
        # Git alone does not know these names.
        ("compare model@v1.0.0", "rules: {}\n", "ignore: []\n", "model@v1.0.0"),
        ("compare model#prod", "rules: {}\n", "ignore: []\n", "model#prod"),
        ("status model#prod", "rules: {}\n", "ignore: []\n", "model#prod"),
        ("audit --rev model#prod", "rules: {}\n", "ignore: []\n", "model#prod"),
    ],
)
def test_a_configuration_on_disk_that_does_not_count_is_noted(
    repo: GitRepo, command: str, committed: str | None, on_disk: str | None, counts: str | None
) -> None:
    repo.write("other.yml", "rules: {}\n")
    if committed is not None:
        repo.write(CONFIGURATION, committed)
    repo.commit("configure")
    for tag in ("model@v1.0.0", "model#prod#1"):
        repo.git("tag", "-a", "-m", tag, tag)
    file = repo.path / CONFIGURATION
    if on_disk is not None:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(on_disk.encode())
    else:
        file.unlink()
    notes = call(*command.split(), "--format", "json", cwd=repo.path).stderr.splitlines()
    assert notes == [
        f"lineage-diff: note: {CONFIGURATION} on disk differs from that of {rev}, which counts: "
        "commit it there to use it"
        for rev in (counts,)
        if rev is not None
    ]


@pytest.mark.parametrize(("more", "is_noted"), [(0, True), (1, False)])
def test_a_configuration_on_disk_over_the_limit_is_not_compared(
    repo: GitRepo, more: int, is_noted: bool
) -> None:
    repo.write(CONFIGURATION, "#" * (limits.POLICY_BYTES + more))
    assert ("on disk differs" in call("status", cwd=repo.path).stderr) == is_noted


@pytest.mark.parametrize("command", ["compare main", "status", "audit"])
def test_a_reader_that_stops_early_changes_neither_the_verdict_nor_the_files(
    repo: GitRepo, tmp_path: Path, command: str
) -> None:
    """As `| head` does, and a shell with `pipefail` asks for the exit code."""
    reader, writer = os.pipe()
    os.close(reader)
    file = tmp_path / "report.json"
    outputs = ("--format", "terminal", "-o", "-", "-o", str(file))
    done = subprocess.run(
        [sys.executable, "-m", "lineage_diff", *command.split(), *outputs],
        cwd=repo.path,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, f"Written: {file}\n")
    assert file.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("command", ["compare main", "rules stale-model", "export --to json"])
def test_a_full_disk_is_one_line_and_no_verdict(repo: GitRepo, command: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "lineage_diff", *command.split()],
            cwd=repo.path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == (
        "lineage-diff: error: cannot read or write: No space left on device. "
        "Check the disk, and where the output goes.\n"
    )


@pytest.mark.parametrize(("closed", "said"), [(">&-", ""), ("2>&-", '{"schema_version": 1')])
def test_a_closed_stream_changes_no_verdict_and_leads_nothing_to_the_other(
    repo: GitRepo, closed: str, said: str
) -> None:
    command = f'"{sys.executable}" -m lineage_diff status --format json {closed}'
    done = subprocess.run(
        ["sh", "-c", command], cwd=repo.path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert " ".join(done.stdout.split()).startswith(said.replace("{", "{ "))


@pytest.mark.parametrize("width", [60, 100])
def test_the_list_of_rules_keeps_its_columns(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lineage_diff.cli.output.columns", lambda: width)
    lines = call("rules").stdout.partition("\n\n")[0].splitlines()
    at = lines[0].index("a metrics file")
    assert any(line.startswith(" ") for line in lines)
    assert all(len(line) <= width and line[at] != " " and line[at - 1] == " " for line in lines)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ("nofile.yaml", "nofile.yaml: no such file."),
        ("dvc.yaml nofile.yaml", "nofile.yaml: no such file."),
        ("--staged nofile.yaml", "nofile.yaml: no such file."),
        ("../dvc.yaml", "../dvc.yaml: outside of the repository."),
        ("gone.yaml", None),
        ("--staged gone.yaml", None),
        ("dvc.yaml", None),
    ],
)
def test_lint_refuses_a_file_that_nobody_has(repo: GitRepo, files: str, says: str | None) -> None:
    repo.write("gone.yaml", "")
    repo.commit()
    repo.git("rm", "-q", "gone.yaml")
    done = call("lint", *files.split(), cwd=repo.path)
    if says is None:
        assert done.returncode == 0
    else:
        assert (done.returncode, done.stdout) == (2, "")
        assert says in done.stderr


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("lint --config nofile.yml", "nofile.yml: no such file in the work tree."),
        ("lint --staged --config nofile.yml", "nofile.yml: no such file in the index."),
        ("lint --config dvc.yml", "Did you mean dvc.yaml?"),
        ("status --config nofile.yml", "no such file in commit {head}. Commit it"),
    ],
)
def test_a_configuration_that_is_not_there_is_an_error(
    repo: GitRepo, command: str, says: str
) -> None:
    done = call(*command.split(), cwd=repo.path)
    assert done.returncode == 2
    assert says.format(head=repo.git("rev-parse", "HEAD")[:7]) in done.stderr
    assert "0" * 12 not in done.stderr


class Left:
    """What a format leaves behind: as a template's context, it refers to itself."""

    def __init__(self) -> None:
        self.itself = self


def test_what_a_format_leaves_is_gone_before_the_next(tmp_path: Path) -> None:
    """A command has no search for garbage, and all formats' rest was held until its end."""
    left: list[weakref.ref[Left]] = []
    still: list[bool] = []

    def render(name: str, options: ShowOptions) -> list[bytes]:
        still.extend(each() is not None for each in left)
        left.append(weakref.ref(Left()))
        return []

    outputs = [("terminal", str(tmp_path / name)) for name in "abc"]
    arguments = Namespace(outputs=outputs, pictures=None, theme="light", color="never", quiet=True)
    gc.disable()
    try:
        write_rendered(arguments, render, list)
    finally:
        gc.enable()
    assert still == [False] * 3
