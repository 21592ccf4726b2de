"""What the harness takes for the documented difference of data that is not on the disk."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.oracle.folders import DvcProcess, compare_folder, copied
from tests.support.dvc_repo import DvcRepo, DvcShell

PIPELINE = "stages:\n  train:\n    cmd: cp data/raw.csv out.csv\n    deps: [data/raw.csv]\n"
# Git asks for a `.dvc` file by its own rule; DVC does not look into a folder that a rule matches.
IGNORES_FOLDER = "data/**/*\n!data/**/*.dvc\n"
OTHER = "a" * 32


@pytest.fixture(scope="module")
def dvc() -> Iterator[DvcProcess]:
    process = DvcProcess()
    yield process
    process.close()


@pytest.mark.parametrize(
    ("ignored", "tracked", "expected"),
    [
        # DVC lists the missing out of the `.dvc` file, too.
        ("/data/raw.csv\n", "same", "data-on-disk"),
        # DVC leaves out the `.dvc` file, and says only that the dep is deleted.
        (IGNORES_FOLDER, "same", "data-on-disk"),
        # Both say that the dep changed, each by what it compares.
        (IGNORES_FOLDER, "other version", None),
        # No `.dvc` file: the data is in neither, which no row of `data-on-disk` explains.
        (IGNORES_FOLDER, "no", "unknown"),
    ],
)
def test_a_dep_that_was_never_pulled(
    ignored: str,
    tracked: str,
    expected: str | None,
    dvc: DvcProcess,
    shell: DvcShell,
    tmp_path: Path,
) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    repo.files({"dvc.yaml": PIPELINE, "data/raw.csv": "a,b\n1,2\n"})
    repo.dvc("add", "-q", "data/raw.csv")
    repo.dvc("repro", "-q")
    (repo.root / "data/.gitignore").unlink()
    (repo.root / "data/raw.csv").unlink()
    shutil.rmtree(repo.root / ".dvc/cache")
    repo.files({".gitignore": ignored})
    file = repo.root / "data/raw.csv.dvc"
    if tracked == "other version":
        repo.files({"data/raw.csv.dvc": f"outs:\n- md5: {OTHER}\n  hash: md5\n  path: raw.csv\n"})
    elif tracked == "no":
        file.unlink()
    repo.save("Never pulled")
    copy = tmp_path / "copy"
    answers = compare_folder(dvc, copy, "", copied(repo.root, "", copy))
    found = next(item for item in answers if item.question == "status").differences
    assert [rule for _, rule in found] == ([] if expected is None else [expected])
