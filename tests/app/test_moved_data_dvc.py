"""What is said of a model after `dvc move` of the data that it was made from, by the real DVC."""

from pathlib import Path

import pytest

from lineage_diff.app.audit.questions import impact, trace
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.history.reader import open_history
from lineage_diff.render.audit_text import audit_markdown
from tests.support.dvc_repo import DvcRepo, DvcShell

PIPELINE = """\
stages:
  train:
    cmd: cp raw.csv model.pkl
    deps: [raw.csv]
    outs: [model.pkl]
"""


def test_a_run_on_moved_data_is_told_with_its_own_command_and_commit(
    tmp_path: Path, shell: DvcShell
) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    repo.files({"raw.csv": "1\n", "dvc.yaml": PIPELINE})
    repo.dvc("add", "-q", "raw.csv")
    first = repo.repro("run")
    (repo.root / "data").mkdir()
    repo.dvc("move", "raw.csv", "data/raw.csv")
    repo.edit("dvc.yaml", "raw.csv", "data/raw.csv")
    moved = repo.repro("move")
    history = open_history(repo.path)
    (found,) = trace(AuditRequest(history), "model.pkl").traces
    assert found.made is not None
    assert found.made.id == first
    assert [(run.command, [dep.path for dep in run.deps]) for run in found.runs] == [
        ("cp data/raw.csv model.pkl", ["data/raw.csv"])
    ]
    assert [run.made and run.made.id for run in found.runs] == [moved]
    assert [(item.path, item.since and item.since.id) for item in found.inputs] == [
        ("data/raw.csv", moved)
    ]
    for path in ("raw.csv", "data/raw.csv"):
        (answer,) = impact(AuditRequest(history), path).impacts
        assert [(model.path, model.is_current) for model in answer.models] == [("model.pkl", True)]
        assert [(item.old, item.new, item.commit.id) for item in answer.renames] == [
            ("raw.csv", "data/raw.csv", moved)
        ]


MODELS = """\
stages:
  file:
    cmd: cp data.csv models/file.pkl
    deps: [data.csv]
    outs: [models/file.pkl]
  folder:
    cmd: cp images/a.txt models/folder.pkl
    deps: [images]
    outs: [models/folder.pkl]
  inside:
    cmd: cp images/b.txt models/inside.pkl
    deps: [images/b.txt]
    outs: [models/inside.pkl]
  prepare:
    cmd: cp data.csv table.csv
    deps: [data.csv]
    outs: [table.csv]
  above:
    cmd: cp table.csv models/above.pkl
    deps: [table.csv]
    outs: [models/above.pkl]
  code:
    cmd: cp train.py models/code.pkl
    deps: [train.py]
    outs: [models/code.pkl]
  other:
    cmd: cp other.csv models/other.pkl
    deps: [other.csv]
    outs: [models/other.pkl]
  imported:
    cmd: cp got.csv models/imported.pkl
    deps: [got.csv]
    outs: [models/imported.pkl]
"""
# Each name with the other one, and the models that were made from it.
MOVES = [
    ("data.csv", "raw/data.csv", "models/above.pkl models/file.pkl"),
    ("images", "raw/pictures", "models/folder.pkl models/inside.pkl"),
    ("images/b.txt", "raw/pictures/b.txt", "models/folder.pkl models/inside.pkl"),
    ("table.csv", "features.csv", "models/above.pkl"),
    ("train.py", "src/train.py", "models/code.pkl"),
    ("got.csv", "raw/got.csv", "models/imported.pkl"),
]


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory, shell: DvcShell) -> tuple[DvcRepo, list[str]]:
    """Everything renamed in the second commit, other data under an old name, then new data."""
    folder = tmp_path_factory.mktemp("moved")
    source = DvcRepo(folder / "source", shell)
    source.files({"got.csv": "imported\n"})
    source.dvc("add", "-q", "got.csv")
    source.save("data")
    repo = DvcRepo(folder / "repo", shell)
    repo.files({"data.csv": "1\n", "images/a.txt": "2\n", "images/b.txt": "3\n"})
    repo.files({"train.py": "4\n", "other.csv": "5\n", "dvc.yaml": MODELS})
    repo.dvc("add", "-q", "data.csv", "images", "other.csv")
    (repo.root / "models").mkdir()
    repo.dvc("import", "-q", str(source.path), "got.csv")
    commits = [repo.repro("made")]
    (repo.root / "raw").mkdir()
    (repo.root / "src").mkdir()
    for old, new, _ in (MOVES[0], MOVES[1], MOVES[5]):
        repo.dvc("move", old, new)
    repo.git("mv", "train.py", "src/train.py")
    for old, new, _ in MOVES:
        if not old.startswith("images/"):
            repo.edit("dvc.yaml", old, new)
    commits.append(repo.repro("moved"))
    repo.files({"data.csv": "another\n", "raw/data.csv": "1 fixed\n"})
    repo.dvc("add", "-q", "data.csv", "raw/data.csv")
    commits.append(repo.save("fixed, not made again"))
    return repo, commits


@pytest.mark.parametrize(("old", "new", "models"), MOVES)
def test_what_was_made_from_data_is_told_by_both_of_its_names(
    moved: tuple[DvcRepo, list[str]], old: str, new: str, models: str
) -> None:
    repo, commits = moved
    for name in (old, new):
        report = impact(AuditRequest(open_history(repo.path)), name)
        (answer,) = report.impacts
        assert [(model.path, model.is_current) for model in answer.models] == [
            (model, True) for model in models.split()
        ]
        renames = [(item.old, item.new, item.commit.id) for item in answer.renames]
        assert (old, new, commits[1]) in renames
        assert f"`{old}` became `{new}` in `{commits[1][:7]}`" in audit_markdown(report)


def test_what_kept_its_name_has_no_renames(moved: tuple[DvcRepo, list[str]]) -> None:
    (answer,) = impact(AuditRequest(open_history(moved[0].path)), "other.csv").impacts
    assert (answer.renames, [model.path for model in answer.models]) == ((), ["models/other.pkl"])


@pytest.mark.parametrize("name", MOVES[0][:2])
def test_a_fix_under_the_new_name_reaches_the_models_made_under_the_old_one(
    moved: tuple[DvcRepo, list[str]], name: str
) -> None:
    repo, commits = moved
    fixed = impact(AuditRequest(open_history(repo.path)), name, since=commits[2]).fixes[0]
    answers = {model.path: model.answer for model in fixed.models}
    assert (answers["models/file.pkl"], answers["models/above.pkl"]) == ("not-yet", "not-yet")
    assert answers["models/other.pkl"] == "not-affected"
    # A move changes no data.
    renamed = impact(AuditRequest(open_history(repo.path)), name, since=commits[1]).fixes[0]
    assert renamed.untouched
    assert [info.id for info in renamed.changed_by][-1] == commits[0]
