"""A project in which no model is recognised says so everywhere, and passes."""

from pathlib import Path

import pytest

from lineage_diff.cli.main import main
from lineage_diff.github_action.messages import warnings
from lineage_diff.report.audit_report import decode_audit
from lineage_diff.report.report import decode_report
from tests.support.git_repo import GitRepo

WORDS = "No model found: name yours under models in .github/lineage-diff.yml."
STAGE = "stages:\n  one:\n    cmd: run\n    outs: [{}]\n"
LOCK = "schema: '2.0'\nstages:\n  one:\n    cmd: run\n    outs:\n    - {{path: {}, md5: {}}}\n"


@pytest.mark.parametrize("command", [("status",), ("compare", "--direct", "HEAD~1", "HEAD")])
@pytest.mark.parametrize(
    ("out", "config", "found"),
    [
        ("table.csv", "", False),
        ("model.pkl", "", True),
        ("table.csv", "models: [table.csv]\n", True),
        ("model.pkl", "ignore: [model.pkl]\n", False),
    ],
)
def test_a_report_without_models_names_the_setting_and_passes(
    git_repo: GitRepo, tmp_path: Path, command: tuple[str, ...], out: str, config: str, found: bool
) -> None:
    git_repo.write(".dvc/config", "")
    git_repo.write(".github/lineage-diff.yml", config)
    git_repo.write("dvc.yaml", STAGE.format(out))
    git_repo.write("dvc.lock", LOCK.format(out, "a" * 32))
    git_repo.commit("base")
    git_repo.write("dvc.lock", LOCK.format(out, "b" * 32))
    git_repo.commit("run")
    files = [tmp_path / name for name in ("r.md", "r.html", "r.txt")]
    outputs = [word for file in files for word in ("-o", str(file))]
    report = tmp_path / "r.json"
    code = main([*command, "--repo", str(git_repo.path), *outputs, "-o", str(report)])
    assert code == 0
    for file in files:
        assert (WORDS in " ".join(file.read_text(encoding="utf-8").split())) == (not found)
    told = warnings(decode_report(report.read_bytes(), "r.json"))
    assert [WORDS in line for line in told] == ([] if found else [True])


DEP = "    deps: [data.csv]\n"
QUESTIONS = (
    ("impact", "data.csv"),
    ("impact", "data.csv", "--since", "HEAD"),
    ("trace", "{out}"),
    ("history", "{out}"),
    ("audit",),
    ("audit", "--data", "data.csv"),
)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(("out", "found"), [("m.pkl", False), ("model.pkl", True)])
def test_an_audit_without_models_does_not_say_that_none_is_affected(
    git_repo: GitRepo,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    question: tuple[str, ...],
    out: str,
    found: bool,
) -> None:
    git_repo.write(".dvc/config", "")
    git_repo.write("dvc.yaml", STAGE.format(out) + DEP)
    dep = f"    deps:\n    - {{path: data.csv, md5: {'c' * 32}}}\n"
    git_repo.write("dvc.lock", LOCK.format(out, "a" * 32) + dep)
    git_repo.commit("run")
    asked = [word.format(out=out) for word in question]
    files = [tmp_path / name for name in ("r.md", "r.html", "r.txt")]
    outputs = [word for file in (*files, tmp_path / "r.json") for word in ("-o", str(file))]
    assert main([*asked, "--repo", str(git_repo.path), *outputs]) == 0
    # The lines beside the files say it, too.
    texts = [capsys.readouterr().err, *(file.read_text(encoding="utf-8") for file in files)]
    assert [WORDS in " ".join(text.split()) for text in texts] == [not found] * 4
    report = decode_audit((tmp_path / "r.json").read_bytes(), "r.json")
    assert report.no_model == (not found)
