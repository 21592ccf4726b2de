"""`lineage-diff status`: one commit judged by itself."""

import json
from pathlib import Path

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.app.status import StatusRequest, status_of
from lineage_diff.cli.main import main
from lineage_diff.render.formats import format_names
from tests.support.git_repo import GitRepo
from tests.support.projects import DEP_ONE, LOCK, PIPELINE, project


def test_a_fresh_commit_passes(git_repo: GitRepo, capsys: pytest.CaptureFixture[str]) -> None:
    project(git_repo)
    assert main(["status", "--repo", str(git_repo.path)]) == 0
    out = capsys.readouterr().out
    assert "1 model is fresh, 1 stage fresh" in out
    assert "model.pkl  ✅ fresh" in out


@pytest.mark.parametrize("output", ["terminal", "markdown", "html"])
def test_errors_are_counted_beside_what_is_fresh(
    git_repo: GitRepo, capsys: pytest.CaptureFixture[str], output: str
) -> None:
    project(git_repo)
    git_repo.write(".dvc/config", "[core\n")
    git_repo.commit("break the configuration")
    assert main(["status", "--repo", str(git_repo.path), "--format", output]) == 2
    assert "1 model is fresh, 1 stage fresh, 1 error" in capsys.readouterr().out


def test_what_is_stale_is_an_error_however_old(git_repo: GitRepo) -> None:
    project(git_repo)
    git_repo.write("train.py", "print(2)\n")
    git_repo.commit("edit")
    git_repo.write("readme", "x")
    git_repo.commit("later")
    report = status_of(StatusRequest(git_repo.path)).report
    assert [(item.rule, item.severity) for item in report.findings] == [("stale-model", "error")]
    assert "`train.py`" in report.findings[0].message
    assert "`train` last ran on" in report.findings[0].message
    assert report.findings[0].hint.startswith("Run `dvc repro train`")
    assert [stage.stale_before for stage in report.stages] == [None]
    assert status_of(StatusRequest(git_repo.path, "HEAD~2")).report.verdict.errors == 0


def test_the_chain_that_outdates_a_model(
    git_repo: GitRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    git_repo.write(".dvc/config", "")
    git_repo.write("one.py", "1\n")
    git_repo.write(
        "dvc.yaml",
        "stages:\n"
        "  prepare: {cmd: python one.py, deps: [one.py], outs: [table.csv]}\n"
        "  train: {cmd: fit, deps: [table.csv], outs: [model.pkl]}\n",
    )
    git_repo.write(
        "dvc.lock",
        "schema: '2.0'\nstages:\n"
        "  prepare:\n    cmd: python one.py\n"
        f"    deps: [{{path: one.py, hash: md5, md5: {'a' * 32}, size: 2}}]\n"
        f"    outs: [{{path: table.csv, hash: md5, md5: {'b' * 32}, size: 2}}]\n"
        "  train:\n    cmd: fit\n"
        f"    deps: [{{path: table.csv, hash: md5, md5: {'b' * 32}, size: 2}}]\n"
        f"    outs: [{{path: model.pkl, hash: md5, md5: {'c' * 32}, size: 2}}]\n",
    )
    git_repo.commit("base")
    assert main(["status", "--repo", str(git_repo.path)]) == 1
    out = capsys.readouterr().out
    assert "outdated through prepare → train" in out
    assert "To fix: dvc repro train, then commit dvc.lock." in out
    assert main(["status", "--repo", str(git_repo.path), "--format", "markdown"]) == 1
    assert "| `model.pkl` | ⚠️ **stale** | `prepare` → `train` |" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "why", "hint"),
    [
        (
            "cmd: python fit.py\n"
            f"deps: [{{path: fit.py, md5: {'a' * 32}}}]\n"
            f"outs: [{{path: model.pkl, md5: {'c' * 32}}}]\n",
            "fit.py",
            "Move its command to a `dvc.yaml`",
        ),
        (
            f"outs: [{{path: model.pkl, hash: md5, md5: {'c' * 32}, cache: false}}]\n",
            "model.pkl",
            "Run `dvc commit model.pkl.dvc`",
        ),
    ],
    ids=["command-of-an-old-dvc", "out-in-git"],
)
def test_a_stale_dvc_file_says_why(git_repo: GitRepo, text: str, why: str, hint: str) -> None:
    git_repo.write(".dvc/config", "")
    for name in ("fit.py", "model.pkl"):
        git_repo.write(name, "1\n")
    git_repo.write("model.pkl.dvc", text)
    git_repo.commit("base")
    report = status_of(StatusRequest(git_repo.path)).report
    (model,), (stage,) = report.models, report.stages
    assert (model.freshness, model.stage) == ("stale", stage.name)
    assert why in [reason.subject for reason in stage.reasons]
    (finding,) = [item for item in report.findings if item.rule == "stale-model"]
    assert f"`{why}`" in finding.message
    assert finding.hint.startswith(hint)


@pytest.mark.parametrize("form", format_names("commit"))
def test_every_format_is_written(git_repo: GitRepo, tmp_path: Path, form: str) -> None:
    project(git_repo)
    git_repo.write("train.py", "print(2)\n")
    git_repo.commit("edit")
    target = tmp_path / "out"
    arguments = ["status", "--repo", str(git_repo.path), "--format", form, "-o", str(target)]
    assert main(arguments) == 1
    assert target.stat().st_size


def test_a_broken_pipeline_is_told_and_ends_with_2(
    git_repo: GitRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    project(git_repo)
    git_repo.write("other/dvc.yaml", "stages: [1]\n")
    git_repo.commit("break")
    assert main(["status", "--repo", str(git_repo.path), "--format", "json"]) == 2
    done = capsys.readouterr()
    assert "other/dvc.yaml" in done.err
    assert json.loads(done.out)["models"][0]["freshness"] == "fresh"


@pytest.mark.parametrize(
    "text",
    ["rules: {stale-model: warning}", "silence: [{rule: stale-model, reason: x, path: model.pkl}]"],
)
def test_the_configuration_has_the_last_word(git_repo: GitRepo, text: str) -> None:
    project(git_repo)
    git_repo.write("train.py", "print(2)\n")
    git_repo.write(".github/lineage-diff.yml", f"{text}\n")
    git_repo.commit("edit")
    assert main(["status", "--repo", str(git_repo.path)]) == 0
    # Of a comparison that of the base counts: the change that brings it is still judged without.
    assert main(["compare", "HEAD~1", "HEAD", "--repo", str(git_repo.path)]) == 1


def test_a_param_is_pointed_at_in_its_file(git_repo: GitRepo) -> None:
    project(git_repo)
    git_repo.write("dvc.yaml", PIPELINE + "    params: [train.rate]\n")
    locked = "    params: {params.yaml: {train.rate: 1}}\n"
    git_repo.write("dvc.lock", LOCK.format(dep=DEP_ONE, out="2" * 32) + locked)
    git_repo.write("params.yaml", "seed: 1\ntrain:\n  rate: 2\n")
    git_repo.commit("edit")
    for report in (
        status_of(StatusRequest(git_repo.path)).report,
        compare_revisions(Request(git_repo.path, "HEAD~1", "HEAD")).report,
    ):
        assert [(item.rule, item.file, item.line) for item in report.findings] == [
            ("stale-model", "params.yaml", 3)
        ]


def test_code_that_no_commit_holds_is_told(git_repo: GitRepo) -> None:
    project(git_repo)
    git_repo.write("dvc.lock", LOCK.format(dep="9" * 32, out="2" * 32))
    git_repo.commit("run on what was never committed")
    report = status_of(StatusRequest(git_repo.path)).report
    assert [(item.rule, item.severity, item.file) for item in report.findings] == [
        ("stale-model", "error", "dvc.yaml"),
        ("unreachable-code", "warning", "dvc.lock"),
    ]
