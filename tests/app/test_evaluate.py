"""Every command opens a commit in the same way: its configuration first, then its files."""

import pytest

from lineage_diff.cli.main import main
from tests.support.git_repo import GitRepo

STAGE = "stages:\n  train:\n    cmd: python train.py\n    deps: [train.py]\n    outs: [model.pkl]\n"


@pytest.mark.parametrize(
    "command",
    [
        ("compare", "--direct", "HEAD", "HEAD"),
        ("status",),
        ("trace", "model.pkl"),
        ("history", "model.pkl"),
        ("impact", "train.py"),
        ("audit",),
        ("mlflow", "tag"),
    ],
    ids=lambda command: command[0],
)
def test_the_limits_of_the_configuration_hold_for_the_listing_of_its_own_commit(
    git_repo: GitRepo,
    command: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # `mlflow tag` asks for a server first; this one is never asked.
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    git_repo.write("dvc.yaml", STAGE)
    git_repo.write("train.py", "print(1)\n")
    git_repo.write(".github/lineage-diff.yml", "limits: {tree-paths: 2}\n")
    git_repo.commit()
    assert main([*command, "--repo", str(git_repo.path)]) == 2
    assert "holds more than 2 files and folders" in capsys.readouterr().err
