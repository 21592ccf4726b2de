"""DVC and params files that Git writes in another encoding than UTF-8, with DVC as the judge."""

import json
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.dvc.refusals.encoding import encoding_refusals, is_written_otherwise
from lineage_diff.git.repository import open_repository
from lineage_diff.limits import IGNORE_RULES
from lineage_diff.parsing.work_budget import TooMuchWorkError, WorkBudget
from tests.support.dvc_repo import DvcRepo, DvcShell
from tests.support.git_repo import GitRepo
from tests.support.projects import call

PIPELINE = """\
stages:
  train:
    cmd: cat raw.csv params.yaml > model.pkl
    deps: [raw.csv]
    params: [lr, more.yaml: [a]]
    outs: [model.pkl]
"""
FILES = {
    "dvc.yaml": PIPELINE,
    "raw.csv": "1\n",
    "params.yaml": "lr: 1\nname: ä\n",
    "more.yaml": "a: 1\n",
}


def _reported(repo: DvcRepo, *arguments: str) -> tuple[int, Any]:
    done = call(*arguments, "--repo", str(repo.path), "--format", "json")
    return done.returncode, json.loads(done.stdout)["findings"]


@pytest.mark.parametrize(
    ("path", "encoding", "is_refused"),
    [
        ("params.yaml", "UTF-16LE", True),
        ("params.yaml", "ISO-8859-1", True),
        ("more.yaml", "UTF-16LE", True),
        ("dvc.yaml", "UTF-32BE", True),
        ("dvc.lock", "UTF-16BE", True),
        # ASCII has the same bytes in it, and Git's own name of one that Python has not.
        ("more.yaml", "ISO-8859-1", False),
        ("params.yaml", "UTF-8", False),
        ("more.yaml", "UTF-16LE-BOM", True),
    ],
)
def test_a_file_that_dvc_cannot_read_is_refused(
    tmp_path: Path, shell: DvcShell, path: str, encoding: str, is_refused: bool
) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    repo.files(FILES)
    repo.repro("run")
    codec = encoding.removesuffix("-BOM")
    text = (repo.root / path).read_text(encoding="utf-8")
    repo.write(".gitattributes", f"{path} working-tree-encoding={encoding}\n")
    bom = "\ufeff" if encoding.endswith("BOM") else ""
    (repo.root / path).write_bytes((bom + text).encode(codec))
    repo.save("encode it")
    assert repo.git("show", f"HEAD:{path}") == text.rstrip("\n")
    failed = False
    try:
        repo.dvc("status", "-q")
    except AssertionError:
        failed = True
    assert failed == is_refused
    for command in (("status",), ("compare", "HEAD~1", "HEAD")):
        code, findings = _reported(repo, *command)
        found = [(item["rule"], item["severity"], item["file"]) for item in findings]
        wanted = [("invalid-pipeline", "error", path)] if is_refused else []
        assert ([item for item in found if item[1] == "error"], code) == (
            wanted,
            2 if wanted else 0,
        )
        if wanted:
            assert f"Git writes it in `{encoding}` on checkout" in findings[0]["message"]


@pytest.mark.parametrize(
    ("text", "encoding", "differs"),
    [
        ("a: 1\n", "utf8", False),
        ("a: ä\n", "UTF-8", False),
        ("a: 1\n", "windows-1252", False),
        ("a: ä\n", "windows-1252", True),
        ("a: 1\n", "Shift_JIS", False),
        ("a: 1\n", "UTF-16", True),
        ("", "UTF-16", False),
        ("a: 1\n", "unknown", True),
        # Python's own encoder takes the square of this text, hours.
        ("".join(map(chr, range(0x4E00, 0x9F00))) * 50, "punycode", True),
    ],
)
def test_an_encoding_is_judged_by_its_name(text: str, encoding: str, differs: bool) -> None:
    assert is_written_otherwise(text.encode(), encoding) == differs


def test_too_many_attributes_do_not_hide_an_encoding(git_repo: GitRepo) -> None:
    (git_repo.path / "dvc.yaml").write_bytes("stages: {}\n".encode("utf-16-le"))
    git_repo.write(".gitattributes", "dvc.yaml working-tree-encoding=UTF-16LE\n")
    snapshot = open_repository(git_repo.path).snapshot(git_repo.commit())
    work = WorkBudget()
    (found,) = encoding_refusals(["dvc.yaml"], snapshot, work)
    assert "`UTF-16LE`" in found.message
    work.left = 0
    with pytest.raises(TooMuchWorkError):
        list(encoding_refusals(["dvc.yaml"], snapshot, work))
    more = "".join(f"{n} working-tree-encoding=UTF-16LE\n" for n in range(IGNORE_RULES))
    git_repo.write(".gitattributes", f"{more}dvc.yaml working-tree-encoding=UTF-16LE\n")
    snapshot = open_repository(git_repo.path).snapshot(git_repo.commit())
    with pytest.raises(TooMuchWorkError, match="more than 2,000 lines"):
        list(encoding_refusals(["dvc.yaml"], snapshot, WorkBudget()))


def test_thousands_of_lines_of_git_lfs_are_not_too_many(git_repo: GitRepo) -> None:
    (git_repo.path / "dvc.yaml").write_bytes("stages: {}\n".encode("utf-16-le"))
    large = "".join(f"{n}.bin filter=lfs diff=lfs merge=lfs -text\n" for n in range(5_000))
    git_repo.write(".gitattributes", f"{large}dvc.yaml working-tree-encoding=UTF-16LE\n")
    snapshot = open_repository(git_repo.path).snapshot(git_repo.commit())
    assert len(list(encoding_refusals(["dvc.yaml"], snapshot, WorkBudget()))) == 1
