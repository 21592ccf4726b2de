"""Each error of DVC's templating gets the hint that fixes it."""

from pathlib import Path

import pytest

from lineage_diff.app.lint import LintRequest, lint
from tests.support.git_repo import GitRepo

STAGES = "stages:\n  train:\n    cmd: {}\n    outs: [model.pkl]\n"
DEFINE = "Define the variable in params.yaml or under `vars`, or correct its name."


@pytest.mark.parametrize(
    ("pipeline", "files", "words", "hint"),
    [
        (STAGES.format("run ${no}"), {}, "Could not find 'no'", DEFINE),
        ("vars: [nope.yaml]\n" + STAGES.format("run"), {}, "does not exist", "Commit the file, "),
        (
            "vars: [more.yaml]\n" + STAGES.format("run ${x}"),
            {"more.yaml": "x: 5\n"},
            "cannot redefine 'x'",
            "Keep one of the two definitions",
        ),
        (
            'vars: ["params.yaml:x"]\n' + STAGES.format('run ${x}\n    vars: ["params.yaml:x"]'),
            {},
            "already loaded",
            "Load it once",
        ),
    ],
)
def test_the_hint_fits_the_error(
    tmp_path: Path, pipeline: str, files: dict[str, str], words: str, hint: str
) -> None:
    repo = GitRepo(tmp_path / "repo")
    for path, text in {".dvc/config": "", "params.yaml": "x: 1\n", **files}.items():
        repo.write(path, text)
    repo.write("dvc.yaml", pipeline)
    found = lint(LintRequest(repo.path))
    (finding,) = [one for one in found.report.findings if one.rule == "unresolved-variable"]
    assert words in finding.message
    assert finding.hint.startswith(hint)
    assert not finding.message.endswith(".")
