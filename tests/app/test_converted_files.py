"""Files that Git holds encrypted, as with git-crypt, and that DVC reads decrypted."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.dvc_repo import DvcRepo, DvcShell
from tests.support.projects import call

# Turns each byte by itself, and writes the header of git-crypt before them.
_CLEAN = "w(b'\\0GITCRYPT\\0'+bytes(b^165 for b in r()))"
_SMUDGE = "w(bytes(b^165 for b in r()[10:]))"
PIPELINE = """\
stages:
  train:
    cmd: cat raw.csv params.yaml > model.pkl
    deps: [raw.csv]
    params: [lr]
    outs: [model.pkl]
"""
FILES = {"dvc.yaml": PIPELINE, "raw.csv": "1\n", "params.yaml": "lr: 1\n"}

VARIABLES = """\
vars: [v.yaml]
stages:
  train:
    foreach: ${items}
    do:
      cmd: cat raw.csv > ${item}.pkl
      deps: [raw.csv]
      outs: ["${item}.pkl": {type: model}]
  other:
    cmd: cat raw.csv > other.pkl && echo ${x}
    deps: [raw.csv]
    outs: [other.pkl: {type: model}]
"""
TEMPLATED = {"dvc.yaml": VARIABLES, "raw.csv": "1\n", "v.yaml": "items: [a, b]\nx: 1\n"}
DEFAULTS = {**TEMPLATED, "dvc.yaml": VARIABLES.partition("\n")[2]}
DEFAULTS["params.yaml"] = DEFAULTS.pop("v.yaml")


def _filter(code: str) -> str:
    return (
        f'{sys.executable} -c "import sys; r=sys.stdin.buffer.read; '
        f'w=sys.stdout.buffer.write; {code}"'
    )


def _encrypted(repo: DvcRepo, path: str, files: dict[str, str]) -> None:
    repo.git("config", "filter.crypt.clean", _filter(_CLEAN))
    repo.git("config", "filter.crypt.smudge", _filter(_SMUDGE))
    repo.files({**files, ".gitattributes": f"{path} filter=crypt\n"})
    repo.repro("run")


def _report(repo: DvcRepo, *arguments: str) -> tuple[int, Any]:
    done = call(*arguments, "--repo", str(repo.path), "--format", "json")
    return done.returncode, json.loads(done.stdout)


def _found(report: Any) -> list[tuple[str, str, str]]:
    return [(item["rule"], item["severity"], item["file"]) for item in report["findings"]]


@pytest.mark.parametrize(("path", "freshness"), [("params.yaml", "fresh"), ("dvc.lock", "unknown")])
def test_what_cannot_be_read_is_compared_by_its_form_or_unknown(
    tmp_path: Path, shell: DvcShell, path: str, freshness: str
) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    _encrypted(repo, path, FILES)
    code, report = _report(repo, "status")
    assert (code, _found(report)) == (0, [("converted-file", "warning", path)])
    assert [item["freshness"] for item in report["models"]] == [freshness]
    assert "Git converts it by `filter=crypt` in" in report["findings"][0]["message"]
    assert _report(repo, "lint")[0] == 0, "on disk it is as DVC reads it"


def test_an_edit_that_cannot_be_read_may_affect_the_model(tmp_path: Path, shell: DvcShell) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    _encrypted(repo, "params.yaml", FILES)
    repo.edit("params.yaml", "1", "2")
    repo.save("edit")
    code, report = _report(repo, "compare", "HEAD~1", "HEAD")
    model = report["models"][0]
    assert (code, model["affected"], model["freshness"]) == (0, True, "unknown")
    assert [cause["subject"] for cause in model["causes"]] == ["params.yaml"]
    assert _found(report)[1:] == [("freshness-lost", "warning", "params.yaml")]
    reasons = [reason for stage in report["stages"] for reason in stage["reasons"]]
    assert [reason["kind"] for reason in reasons] == ["dep-unknown"]
    assert reasons[0]["detail"] == "`params.yaml` changed since it was locked"


def test_a_run_on_edited_params_that_cannot_be_read_is_known(
    tmp_path: Path, shell: DvcShell
) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    _encrypted(repo, "params.yaml", FILES)
    repo.edit("params.yaml", "1", "2")
    repo.repro("edit and run")
    code, report = _report(repo, "compare", "HEAD~1", "HEAD")
    assert (code, [item["freshness"] for item in report["models"]]) == (0, ["fresh"])
    assert _found(report) == [("converted-file", "warning", "params.yaml")]


def test_another_filter_of_unchanged_params_is_an_error(tmp_path: Path, shell: DvcShell) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    _encrypted(repo, "params.yaml", FILES)
    repo.write(".gitattributes", "params.yaml filter=other\n")
    repo.git("add", ".gitattributes")
    repo.git("commit", "-qm", "decrypt by another filter")
    code, report = _report(repo, "compare", "HEAD~1", "HEAD")
    assert (code, [item["freshness"] for item in report["models"]]) == (1, ["unknown"])
    assert ("freshness-lost", "error", "params.yaml") in _found(report)
    (message,) = (i["message"] for i in report["findings"] if i["rule"] == "freshness-lost")
    assert "Git converts it by `filter=other` in" in message
    assert message.endswith("; `.gitattributes` changed since it was locked")


def test_a_change_that_encrypts_params_is_an_error(tmp_path: Path, shell: DvcShell) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    _encrypted(repo, "other", FILES)
    repo.write(".gitattributes", "params.yaml filter=crypt\n")
    repo.edit("params.yaml", "1", "2")
    repo.save("encrypt and edit")
    code, report = _report(repo, "compare", "HEAD~1", "HEAD")
    assert code == 1
    assert ("freshness-lost", "error", "params.yaml") in _found(report)


def test_a_malformed_file_that_git_does_not_convert_is_invalid(
    tmp_path: Path, shell: DvcShell
) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    _encrypted(repo, "*.secret", FILES)
    repo.write("params.yaml", "lr: [\n")
    repo.save("break it")
    code, report = _report(repo, "status")
    assert code == 2
    assert ("invalid-pipeline", "error", "params.yaml") in _found(report)


@pytest.mark.parametrize(("path", "files"), [("v.yaml", TEMPLATED), ("params.yaml", DEFAULTS)])
def test_stages_whose_variables_cannot_be_read_are_unknown(
    tmp_path: Path, shell: DvcShell, path: str, files: dict[str, str]
) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    _encrypted(repo, path, files)
    repo.edit(path, "x: 1", "x: 2")
    repo.save("edit")
    code, report = _report(repo, "status")
    assert (code, _found(report)) == (0, [("converted-file", "warning", path)])
    unknown = ["dvc.yaml:other", "dvc.yaml:train@a", "dvc.yaml:train@b"]
    stages = [(item["name"], item["freshness"]) for item in report["stages"]]
    assert stages == [(name, "unknown") for name in unknown]
    code, report = _report(repo, "compare", "HEAD~1", "HEAD")
    models = {item["path"]: (item["affected"], item["freshness"]) for item in report["models"]}
    assert (code, models) == (0, dict.fromkeys(["a.pkl", "b.pkl", "other.pkl"], (True, "unknown")))
