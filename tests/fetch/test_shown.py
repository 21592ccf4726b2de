"""How the files inside directories are told to a person."""

import pytest

from lineage_diff.cli.main import main
from tests.fetch.reading import MISSING, locked
from tests.support.git_repo import GitRepo
from tests.support.stored_repo import object_path


def shown(repo: GitRepo, how: str, capsys: pytest.CaptureFixture[str]) -> str:
    command = f"compare v1 v2 --direct --fetch metrics,listings --format {how} --repo {repo.path}"
    assert main(command.split()) == 0
    return capsys.readouterr().out


def test_in_a_comment(stored: GitRepo, capsys: pytest.CaptureFixture[str]) -> None:
    object_path(stored.path.parent / "store", locked(stored, "v1", "parts")).unlink()
    text = shown(stored, "markdown", capsys)
    assert "\n- `live/`: 1 modified: ✏️ `live/a.json`\n" in text
    assert f"\n- `parts/`: its files are not known, {MISSING}\n" in text
    assert (
        "\n- `raw/`: 1 modified, 1 added, 1 removed, 1 renamed: ✏️ `raw/b.txt`, ➖ `raw/d.txt`, "
        "📦 `raw/deep/c.txt` → `raw/deep/moved.txt`, ➕ `raw/e.txt`\n"
    ) in text


def test_in_a_terminal(stored: GitRepo, capsys: pytest.CaptureFixture[str]) -> None:
    object_path(stored.path.parent / "store", locked(stored, "v1", "parts")).unlink()
    text = shown(stored, "terminal --all", capsys)
    assert "\n      1 modified\n      ~ live/a.json\n" in text
    assert f"\n      {MISSING.replace('`', '')}\n" in text
    assert "\n      > raw/deep/c.txt → raw/deep/moved.txt\n" in text
