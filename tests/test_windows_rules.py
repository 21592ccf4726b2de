"""Rules of Windows that can be held on any system: names, links, line ends, code pages, folders.

What only Windows does (job objects, its locks and its console) is not here.
"""

import io
import os
import subprocess
from pathlib import Path, PureWindowsPath

import pytest
from msgspec.structs import replace

import lineage_diff.git.worktree as worktree
from lineage_diff.app.lint import LintRequest, lint
from lineage_diff.app.status import StatusRequest, status_of
from lineage_diff.cli.arguments import repository_path
from lineage_diff.cli.main import write_utf8
from lineage_diff.plain_files import is_usable, open_to_read, posix_target
from lineage_diff.report.report import Revision, encode_report
from tests.support.git_repo import GitRepo
from tests.support.projects import CYCLE, PIPELINE, project

INSTALL = Path(__file__).parents[1] / "native" / "install"
# Each with the folder that Windows would open it in, below `C:\repo`.
OUTSIDE = (
    r"..\secret.yaml",
    r"a\..\..\secret",
    "C:secret",
    "C:/secret",
    "/C:/secret",
    "dvc.yaml:stream",
    "con",
    "data/NUL",
    "aux.py",
    "models/com1.pkl",
)


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_name_with_a_meaning_to_windows_is_not_opened_there(path: str) -> None:
    assert not is_usable(path, windows=True)
    assert is_usable(path, windows=False)


@pytest.mark.parametrize("path", ["dvc.yaml", "a b/ü.dvc", "console/nulls.py", ".dvc/config"])
def test_another_name_stays_in_its_folder(path: str) -> None:
    assert is_usable(path, windows=True)
    assert PureWindowsPath(r"C:\repo", path).is_relative_to(r"C:\repo")


@pytest.mark.parametrize(
    ("target", "found"),
    [
        (r"..\data\x.csv", "../data/x.csv"),
        ("data/x.csv", "data/x.csv"),
        (r"C:\data\x.csv", "/C:/data/x.csv"),
        (r"\\?\C:\data", "/?/C:/data"),
        (r"\\server\share\x", "/server/share/x"),
        (r"\data", "/data"),
    ],
)
def test_the_target_of_a_link(target: str, found: str) -> None:
    assert posix_target(target, windows=True) == found
    assert posix_target(target, windows=False) == target


def test_a_path_that_a_shell_of_windows_completed() -> None:
    assert repository_path(r"models\churn.pkl", windows=True) == "models/churn.pkl"
    assert repository_path(r"models\churn.pkl", windows=False) == r"models\churn.pkl"


def test_no_name_of_windows_leads_out_of_the_work_tree(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(git_repo)
    git_repo.write("..\\dvc.yaml", CYCLE)
    git_repo.write("b\\dvc.yaml", CYCLE)
    monkeypatch.setattr(worktree, "is_usable", lambda path: is_usable(path, windows=True))
    assert lint(LintRequest(git_repo.path, (), False)).report.findings == ()


def test_without_a_flag_no_link_or_pipe_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows has no `O_NOFOLLOW` and no `O_NONBLOCK`."""
    monkeypatch.delattr(os, "O_NOFOLLOW")
    monkeypatch.delattr(os, "O_NONBLOCK")
    file, link, pipe = tmp_path / "file", tmp_path / "link", tmp_path / "pipe"
    file.write_bytes(b"a\r\nb\x1ac")
    link.symlink_to(file)
    os.mkfifo(pipe)
    with os.fdopen(open_to_read(file), "rb") as opened:
        assert opened.read() == b"a\r\nb\x1ac"
    for path in (link, pipe, tmp_path):
        with pytest.raises(OSError, match="a link or a device"):
            open_to_read(path)


def test_nor_a_link_that_took_the_place_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_NOFOLLOW")
    secret, file = tmp_path / "secret", tmp_path / "file"
    secret.write_text("secret")
    file.write_text("file")
    opening = os.open

    def replaced(path: Path, flags: int) -> int:
        file.unlink()
        file.symlink_to(secret)
        return opening(path, flags)

    monkeypatch.setattr(os, "open", replaced)
    with pytest.raises(OSError, match="it was replaced"):
        open_to_read(file)


def test_a_code_page_does_not_decide_what_is_written() -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="cp1252", newline="\r\n")
    write_utf8(stream)
    print("🔴 1 → 2 “…”", file=stream, flush=True)
    assert written.getvalue() == "🔴 1 → 2 “…”\n".encode()


NOWHERE = Revision("HEAD", "0" * 40)
FILES = {
    "dvc.yaml": PIPELINE,
    "params.yaml": "train:\n  epochs: 10\n",
    ".dvcignore": "*.tmp\n# a comment\n",
    ".gitattributes": "* -text\n",
    "CODEOWNERS": "* @acme/ml\n",
    ".github/lineage-diff.yml": "rules:\n  stale-model: warning\n",
}


def test_the_line_ends_of_windows_change_no_answer(git_repo: GitRepo) -> None:
    """Of every file that is read as text and not compared by its hash."""
    project(git_repo)
    answers = []
    for end in ("\n", "\r\n"):
        for path, text in FILES.items():
            file = git_repo.path / path
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(text.replace("\n", end).encode())
        git_repo.commit(f"Write {end!r}")
        report = status_of(StatusRequest(str(git_repo.path), None)).report
        answers.append(encode_report(replace(report, base=NOWHERE, head=NOWHERE)))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("system", "python"), [("Windows_NT", "Scripts/python.exe"), ("", "bin/python")]
)
def test_the_native_action_installs_into_the_folders_of_the_system(
    system: str, python: str, tmp_path: Path
) -> None:
    """The stand-in for uv makes the environment of that system, and takes no other."""
    uv = tmp_path / "uv"
    uv.write_text(
        f'#!/bin/sh\n[ "$1" != venv ] || {{ mkdir -p "$5/{Path(python).parent}" && '
        f'printf "#!/bin/sh\\n" > "$5/{python}" && chmod +x "$5/{python}"; }}\n'
        'echo "$@" >> "$LOG"\n'
    )
    uv.chmod(0o755)
    log = tmp_path / "log"
    variables = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "OS": system, "LOG": str(log)}
    for _ in range(2):
        subprocess.run([INSTALL, tmp_path / "venv"], env=variables, check=True)
    made, *synced = log.read_text().splitlines()
    assert made.startswith("venv --quiet --python 3.12 ")
    assert len(synced) == 2
    for line in synced:
        assert f"--require-hashes --python {tmp_path}/venv/{python} " in line
