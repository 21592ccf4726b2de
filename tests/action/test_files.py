"""What is written into the workspace, and what is not written through."""

import os
from pathlib import Path

import pytest

from lineage_diff.errors import InputError
from lineage_diff.github_action.runner.artifacts import output_folder, write_files
from tests.support.git_repo import GitRepo


def test_the_checkout_stays_clean(git_repo: GitRepo) -> None:
    git_repo.commit("one")
    folder = output_folder(git_repo.path, "reports/lineage")
    for text in (b"one", b"two"):
        write_files(folder, {"report.json": text})
    assert (git_repo.path / folder.named("report.json")).read_bytes() == b"two"
    assert git_repo.git("status", "--porcelain") == ""


def test_a_folder_that_is_there_is_used_as_it_is(git_repo: GitRepo) -> None:
    write_files(output_folder(git_repo.path, "."), {"report.json": b"one"})
    assert git_repo.git("status", "--porcelain") == "?? report.json"


@pytest.mark.parametrize("path", ["..", "../x", "a/../../x", "/home/x", "a\nb"])
def test_no_folder_outside_of_the_workspace(tmp_path: Path, path: str) -> None:
    with pytest.raises(InputError, match="output_dir"):
        output_folder(tmp_path, path)


@pytest.mark.parametrize("link", ["out", "out/deep", "out/deep/report.json"])
def test_nothing_is_written_through_a_link(tmp_path: Path, link: str) -> None:
    outside, workspace = tmp_path / "outside", tmp_path / "workspace"
    outside.mkdir()
    (outside / "report.json").write_text("theirs")
    place = workspace / link
    place.parent.mkdir(parents=True)
    place.symlink_to(outside / "report.json" if link.endswith(".json") else outside)
    folder = output_folder(workspace, "out/deep")
    if link.endswith(".json"):
        write_files(folder, {"report.json": b"ours"})
        assert not place.is_symlink()
    else:
        with pytest.raises(InputError, match="is not a folder"):
            write_files(folder, {"report.json": b"ours"})
    assert [path.name for path in outside.iterdir()] == ["report.json"]
    assert (outside / "report.json").read_text() == "theirs"


@pytest.mark.parametrize("name", ["out", "out/report.json"])
def test_what_is_in_the_way_is_said(tmp_path: Path, name: str) -> None:
    if name == "out":
        (tmp_path / name).write_text("a file")
    else:
        (tmp_path / name).mkdir(parents=True)
    with pytest.raises(InputError, match="output_dir"):
        write_files(output_folder(tmp_path, "out"), {"report.json": b"ours"})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_the_files_belong_to_the_owner_of_the_workspace(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12345)
    write_files(output_folder(tmp_path, "a/b"), {"report.json": b"ours"})
    for path in ("a", "a/b", "a/b/report.json", "a/b/.gitignore"):
        assert (tmp_path / path).stat().st_uid == 12345
