"""What a page shows as the output of a command is what the command prints."""

import re
from collections.abc import Mapping

from tests.support.experiments import baseline, write_run
from tests.support.git_repo import GitRepo
from tests.support.page_commands import ROOT
from tests.support.projects import run

CONFIG = "metrics:\n  accuracy: {min: 0.86}\n"
# By branch: lr, depth, accuracy and loss.
RUNS: Mapping[str, tuple[float, int, float, float]] = {
    "exp-a": (0.2, 3, 0.89, 0.29),
    "exp-b": (0.05, 5, 0.855, 0.2975),
    "exp-c": (0.05, 2, 0.885, 0.2975),
}


def test_the_table_of_experiments(git_repo: GitRepo) -> None:
    metrics = {"accuracy": 0.88, "loss": 0.295}
    baseline(git_repo, metrics, CONFIG)
    write_run(git_repo, 0.1, metrics, params="depth: 3\n")
    git_repo.commit("main")
    for name, (lr, depth, accuracy, loss) in RUNS.items():
        git_repo.checkout("main")
        git_repo.branch(name)
        write_run(git_repo, lr, {"accuracy": accuracy, "loss": loss}, params=f"depth: {depth}\n")
        git_repo.commit(name)
    page = (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")
    block = re.search(r"^```console\n\$ lineage-diff (.*)\n((?s:.*?))^```$", page, re.MULTILINE)
    assert block
    shown = run(*block[1].split(), cwd=git_repo.path).stdout
    assert shown[: len(block[2])].splitlines() == block[2].splitlines()
