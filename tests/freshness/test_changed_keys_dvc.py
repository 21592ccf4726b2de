"""Params whose keys are named one by one, where the real DVC compares them as a whole."""

import json
from pathlib import Path

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.report.report import Report
from tests.support.dvc_repo import DvcRepo, DvcShell

YAML = "model:\n  depth: 3\n  layers:\n    - units: 64\n      act: relu\n    - units: 32\nlr: 0.1\n"
JSON = """{
  "model": {
    "depth": 3,
    "layers": [
      {"units": 64},
      {"units": 32}
    ]
  }
}
"""
TOML = "[model]\ndepth = 3\n[[model.layers]]\nunits = 64\n[[model.layers]]\nunits = 32\n"
LINES = [("model.depth", 3, 4), ("model.layers.1.units", 32, 16)]


def _report(
    root: Path, shell: DvcShell, file: str, keys: str, text: str, edits: list[tuple[str, str]]
) -> Report:
    repo = DvcRepo(root, shell)
    repo.write(
        "dvc.yaml",
        f"stages:\n  train:\n    cmd: echo 1 > model.pkl\n    params: [{{{file}: {keys}}}]\n"
        "    outs: [model.pkl]\n",
    )
    repo.write(file, text)
    repo.dvc("repro")
    base = repo.commit("base")
    for old, new in edits:
        text = text.replace(old, new)
    repo.write(file, text)
    head = repo.commit("head")
    return compare_revisions(Request(root, base, head)).report


@pytest.mark.parametrize(
    ("file", "text", "edits", "places"),
    [
        ("params.yaml", YAML, [("depth: 3", "depth: 4"), ("units: 32", "units: 16")], [2, 6]),
        ("p.json", JSON, [('"depth": 3', '"depth": 4'), ("32", "16")], [3, 6]),
        ("p.toml", TOML, [("depth = 3", "depth = 4"), ("units = 32", "units = 16")], [2, 6]),
    ],
)
def test_each_key_has_its_values_and_its_line(
    file: str,
    text: str,
    edits: list[tuple[str, str]],
    places: list[int],
    tmp_path: Path,
    shell: DvcShell,
) -> None:
    report = _report(tmp_path, shell, file, "[model]", text, edits)
    (stage,) = report.stages
    (reason,) = stage.reasons
    # The whole section is what DVC compares.
    assert (reason.kind, reason.subject) == ("param-changed", f"{file}:model")
    found = [(key.subject, key.old, key.new, key.line) for key in reason.keys]
    assert found == [
        (f"{file}:{name}", old, new, line)
        for (name, old, new), line in zip(LINES, places, strict=True)
    ]
    causes = {(cause.subject, cause.old, cause.new) for cause in report.models[0].causes}
    assert causes == {(f"{file}:{name}", old, new) for name, old, new in LINES}
    (finding,) = [item for item in report.findings if item.rule == "stale-model"]
    assert (finding.file, finding.line) == (file, places[0])
    assert [(item.file, item.line) for item in finding.related] == [(file, places[1])]
    name = "model.layers.1.units"
    assert f"`{file}:model.depth` `3` → `4`, `{name}` `32` → `16`" in finding.message


@pytest.mark.parametrize(
    ("keys", "edits", "causes"),
    [
        ("[lr]", [("lr: 0.1", 'lr: "0.1"')], [("lr", "modified", 0.1, "0.1")]),
        ("[lr]", [("lr: 0.1", "lr: null")], [("lr", "modified", 0.1, None)]),
        ("[model.layers.1]", [("32", "16")], [("model.layers.1.units", "modified", 32, 16)]),
        ("[model]", [("  depth: 3\n", "")], [("model.depth", "removed", 3, None)]),
        ("[model]", [("  depth: 3", "  depth: 3\n  on: ü")], [("model.on", "added", None, "ü")]),
        ("", [("lr: 0.1", "lr: 0.1\nx: {}")], [("x", "added", None, {})]),
        ("[model]", [("lr: 0.1", "lr: 0.2")], []),
    ],
)
def test_causes_are_the_keys_that_differ(
    keys: str,
    edits: list[tuple[str, str]],
    causes: list[tuple[str, str, object, object]],
    tmp_path: Path,
    shell: DvcShell,
) -> None:
    report = _report(tmp_path, shell, "params.yaml", keys, YAML, edits)
    (model,) = report.models
    assert model.freshness == ("stale" if causes else "fresh")
    found = [(item.subject, item.change, item.old, item.new) for item in model.causes]
    expected = [(f"params.yaml:{name}", *others) for name, *others in causes]
    assert json.dumps(found) == json.dumps(expected)
