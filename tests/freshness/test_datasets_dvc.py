"""Datasets of all types, `ds://` deps: as fresh as for the real DVC, and nodes, data and causes."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.audit.history import history_steps
from lineage_diff.audit.impact import find_impacted, of_paths
from lineage_diff.audit.ledger import ledger
from lineage_diff.audit.trace import inputs_behind, provenance
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.dvc.lock.datasets import dataset_stages, dataset_version, datasets_of
from lineage_diff.freshness.stages import freshness
from lineage_diff.git.repository import open_repository
from lineage_diff.history.reader import HistoryReader
from lineage_diff.report.report import encode_report
from tests.freshness.made_params_cases import changed_commit, status
from tests.support.dvc_repo import DvcRepo, DvcShell
from tests.support.states import state_alone

STAGE = """\
stages:
  train:
    cmd: cp number model.pkl
    deps: ['ds://numbers', number]
    outs: [model.pkl]
"""
SPECS = {
    "dvc": "{name: numbers, type: dvc, url: ../reg, path: data, rev: main}",
    "dc": "{name: numbers, type: dc, url: 'dc://numbers'}",
    "url": "{name: numbers, type: url, url: 's3://bucket/numbers'}",
}
COMMIT, OTHER = "1" * 40, "2" * 40
LOCKS = {
    "dvc": f"""\
- name: numbers
  type: dvc
  url: ../reg
  path: data
  rev: main
  rev_lock: '{COMMIT}'
""",
    "dc": """\
- name: numbers
  type: dc
  url: dc://numbers
  version: 3
  created_at: '2024-05-02T03:04:05+00:00'
""",
    "url": """\
- name: numbers
  type: url
  url: s3://bucket/numbers
  meta:
    isdir: true
    size: 20
    nfiles: 2
  files:
  - relpath: a.csv
    meta:
      size: 9
      etag: aaa
  - relpath: b.csv
    meta:
      size: 11
      etag: bbb
""",
}
MOVED = {"dvc": (COMMIT, OTHER), "dc": ("version: 3", "version: 4"), "url": ("bbb", "ccc")}
ELSEWHERE = {
    "dvc": ("../reg", "../other"),
    "dc": ("dc://numbers", "dc://others"),
    "url": ("s3://bucket", "s3://box"),
}
SHOWN = {"dvc": (COMMIT, OTHER), "dc": ("v3", "v4"), "url": ("dataset:files.", "dataset:files.")}


@dataclass
class Project:
    """A repository whose stage ran on a dataset, as `dvc ds update` and `dvc repro` lock it."""

    repo: DvcRepo
    kind: str

    def edit_dataset(self, old: str, new: str) -> None:
        """Edit the dataset's own entry of the lock, not what the stage ran on."""
        lock = self.repo.root / "dvc.lock"
        datasets, stages, runs = lock.read_text().partition("stages:")
        assert old in datasets
        lock.write_text(datasets.replace(old, new, 1) + stages + runs)

    def state(self, commit: str) -> tuple[str, list[str]]:
        state = state_alone(LineageReader(open_repository(self.repo.path)), commit)
        assert not state.lineage.problems
        found = freshness(state)
        assert found["dvc.yaml:ds://numbers"].freshness == "fresh"
        judged = found["dvc.yaml:train"]
        return judged.freshness, [reason.kind for reason in judged.reasons]


@pytest.fixture(params=sorted(SPECS))
def project(request: pytest.FixtureRequest, shell: DvcShell, tmp_path: Path) -> Project:
    repo = DvcRepo(tmp_path / "repo", shell)
    kind: str = request.param
    repo.files(
        {
            "dvc.yaml": f"datasets:\n- {SPECS[kind]}\n{STAGE}",
            "dvc.lock": f"schema: '2.0'\ndatasets:\n{LOCKS[kind]}",
            "number": "1\n",
        }
    )
    repo.repro("Run")
    return Project(repo, kind)


CHANGES: dict[str, tuple[Callable[[Project], object], str, list[str]]] = {
    "nothing": (lambda it: None, "fresh", []),
    "another version": (
        lambda it: it.edit_dataset(*MOVED[it.kind]),
        "stale",
        ["upstream-changed"],
    ),
    "named otherwise, not updated": (
        lambda it: it.repo.edit("dvc.yaml", *ELSEWHERE[it.kind]),
        "stale",
        ["upstream-changed"],
    ),
    "not in the lock": (
        lambda it: it.edit_dataset("name: numbers", "name: letters"),
        "stale",
        ["upstream-changed"],
    ),
    "a dep that no run took": (
        lambda it: it.repo.edit("dvc.lock", "path: ds://numbers", "path: ds://letters"),
        "stale",
        ["dep-added", "dep-removed"],
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_stages_are_as_fresh_as_for_dvc(
    project: Project, change: tuple[Callable[[Project], object], str, list[str]]
) -> None:
    step, state, kinds = change
    step(project)
    assert status(project.repo) == (set() if state == "fresh" else {"train"})
    assert project.state(changed_commit(project.repo)) == (state, kinds)


WRITTEN: dict[str, tuple[str, str]] = {
    "dvc": ("url: ../reg", "url: '../reg'"),
    "dc": ("'2024-05-02T03:04:05+00:00'", "'2024-05-02 03:04:05+00:00'"),
    "url": ("    isdir: true\n", "    isdir: true\n    isexec: false\n"),
}


def test_an_entry_written_otherwise_is_the_same(project: Project) -> None:
    project.edit_dataset(*WRITTEN[project.kind])
    assert status(project.repo) == set()
    assert project.state(changed_commit(project.repo)) == ("fresh", [])


def test_its_version_is_a_cause_data_and_a_node(project: Project) -> None:
    repo = project.repo
    base = repo.git("rev-parse", "HEAD")
    project.edit_dataset(*MOVED[project.kind])
    moved = changed_commit(repo)
    repo.files({"number": "2\n"})
    head = repo.repro("Run again")
    assert project.state(head) == ("fresh", [])
    report: dict[str, Any] = json.loads(
        encode_report(compare_revisions(Request(repo.path, base, moved, direct=True)).report)
    )
    (model,) = report["models"]
    assert (model["affected"], model["freshness"]) == (True, "stale")
    (cause,) = model["causes"]
    assert (cause["kind"], cause["subject"]) == ("import", "ds://numbers")
    assert cause["via"] == ["dvc.yaml:train"]
    for side, shown in zip(("old", "new"), SHOWN[project.kind], strict=True):
        assert cause[side].startswith(shown)
    (data,) = report["data"]
    assert (data["path"], data["change"]) == ("ds://numbers", "modified")
    node = next(one for one in report["graph"]["nodes"] if one["id"] == "file:ds://numbers")
    assert (node["kind"], node["change"]) == ("import", "modified")
    edges = [(edge["from"], edge["to"]) for edge in report["graph"]["edges"]]
    assert ("file:ds://numbers", "stage:dvc.yaml:train") in edges
    assert [stage["name"] for stage in report["stages"]] == ["dvc.yaml:train"]


def test_the_history_knows_it(project: Project) -> None:
    repo = project.repo
    project.edit_dataset(*MOVED[project.kind])
    repo.files({"number": "2\n"})
    head = repo.repro("Run again")
    past = ledger(HistoryReader(open_repository(repo.path)).timeline(head)())
    step, _ = history_steps(past, "model.pkl")
    kinds = {(cause.kind, cause.subject) for cause in step.causes}
    assert ("import", "ds://numbers") in kinds
    found = provenance(past, "model.pkl", past.entries["model.pkl"][-1])
    (used,) = (item for item in inputs_behind(past, found) if item.path == "ds://numbers")
    assert (used.kind, used.via) == ("import", ("dvc.yaml:train",))
    (hit,) = find_impacted(past, [("model.pkl", None)], of_paths(("ds://numbers",)))
    assert len(hit.versions) == 2
    assert len(past.entries["ds://numbers"]) == 2


def test_a_dataset_that_no_file_has_is_not_known(shell: DvcShell, tmp_path: Path) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    text = f"datasets:\n- {SPECS['dvc']}\n{STAGE}"
    lock = f"schema: '2.0'\ndatasets:\n{LOCKS['dvc']}"
    repo.files({"dvc.yaml": text, "dvc.lock": lock, "number": "1\n"})
    repo.repro("Run")
    repo.edit("dvc.yaml", f"datasets:\n- {SPECS['dvc']}\n", "")
    state = state_alone(LineageReader(open_repository(repo.path)), repo.save("Forget it"))
    judged = freshness(state)["dvc.yaml:train"]
    assert (judged.freshness, judged.reasons[0].subject) == ("unknown", "ds://numbers")


def test_a_dataset_is_filled_in_by_templates(shell: DvcShell, tmp_path: Path) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    spec = SPECS["dvc"].replace("rev: main", "rev: '${rev}'")
    text = f"vars:\n- rev: main\ndatasets:\n- {spec}\n{STAGE}"
    lock = f"schema: '2.0'\ndatasets:\n{LOCKS['dvc']}"
    repo.files({"dvc.yaml": text, "dvc.lock": lock, "number": "1\n"})
    project = Project(repo, "dvc")
    assert project.state(repo.repro("Run")) == ("fresh", [])
    repo.edit("dvc.yaml", "rev: main", "rev: other")
    assert status(repo) == {"train"}
    assert project.state(repo.save("Another revision"))[0] == "stale"


def test_what_the_real_command_locks(shell: DvcShell, tmp_path: Path) -> None:
    registry = DvcRepo(tmp_path / "reg", shell)
    registry.files({"data/a.csv": "1\n"})
    registry.dvc("add", "-q", "data")
    registry.git("branch", "-M", "main")
    registry.save("One")
    repo = DvcRepo(tmp_path / "repo", shell)
    spec = SPECS["dvc"].replace("../reg", str(registry.path))
    repo.files({"dvc.yaml": f"datasets:\n- {spec}\n{STAGE}", "number": "1\n"})
    repo.dvc("dataset", "update", "numbers")
    project = Project(repo, "dvc")
    assert project.state(repo.repro("Run")) == ("fresh", [])
    registry.dvc("unprotect", "data")
    registry.files({"data/a.csv": "2\n"})
    registry.dvc("add", "-q", "data")
    registry.save("Two")
    repo.dvc("dataset", "update", "numbers")
    assert status(repo) == {"train"}
    assert project.state(repo.save("Update")) == ("stale", ["upstream-changed"])


ODD: list[Any] = [
    None,
    [],
    "text",
    {"type": "dvc"},
    {"type": ["dvc"], "name": "x"},
    {"type": "dvc", "name": "x", "rev_lock": {1: 2, "a": [3]}, "url": {1: 2, "b": 3}},
    {"type": "dc", "name": "x", "version": [1], "created_at": {2: 3}},
    {"type": "url", "name": "x", "meta": {1: {2: 3, "b": 4}}, "files": [7, {"relpath": [1]}]},
]


@pytest.mark.parametrize("entry", ODD, ids=repr)
def test_an_odd_entry_is_read_or_left_out(entry: Any) -> None:
    declared = datasets_of([entry, entry])
    assert list(dataset_stages("dvc.yaml", declared, declared)) == list(
        dataset_stages("dvc.yaml", declared, declared)
    )
    assert dataset_version(entry) == dataset_version(entry)
