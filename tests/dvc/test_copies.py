"""Copies of a file in an unusual layout: read once, counted each time, named each by itself."""

import pytest

from lineage_diff.dvc.lock.lock_file import LockReader
from lineage_diff.dvc.pipeline.text_cache import PipelineTexts
from lineage_diff.limits import Limits
from lineage_diff.parsing import yaml_loader
from lineage_diff.parsing.work_budget import TooMuchWorkError, WorkBudget

# No reader of usual lines takes these.
PIPELINE = 'stages:\n  "train":\n    cmd: x\n    deps: ["a", b]\n'
LOCK = "schema: '2.0'\nstages: {train: {cmd: x}}\n"


def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which each text is added that a parser of YAML reads."""
    found: list[str] = []
    parse = yaml_loader.load_any_yaml

    def counted(text: str, *rest: object) -> object:
        found.append(text)
        return parse(text, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(yaml_loader, "load_any_yaml", counted)
    monkeypatch.setattr(yaml_loader, "usual_yaml", lambda _: None)
    return found


def test_a_copy_of_a_pipeline_is_read_once_and_counted_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts, work, parsed = PipelineTexts(), WorkBudget(), reads(monkeypatch)
    first = texts.load(PIPELINE, "a/dvc.yaml", work)
    once = WorkBudget().left - work.left
    assert texts.load(PIPELINE, "b/dvc.yaml", work) == first
    assert (len(parsed), WorkBudget().left - work.left) == (1, 2 * once)
    assert texts.load(PIPELINE.replace("b]", "c]"), "c/dvc.yaml", work) != first
    assert len(parsed) == 2


def test_a_copy_of_a_lock_is_read_once_and_counted_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, work, parsed = LockReader(), WorkBudget(), reads(monkeypatch)
    first = reader.read(LOCK.encode(), "a/dvc.lock", work)
    once = WorkBudget().left - work.left
    assert reader.read(LOCK.encode(), "b/dvc.lock", work) is first
    assert (len(parsed), WorkBudget().left - work.left) == (1, 2 * once)
    assert reader.read(LOCK.replace("x", "y").encode(), "c/dvc.lock", work) != first
    assert len(parsed) == 2


def test_a_copy_of_a_lock_names_its_own_problems() -> None:
    reader = LockReader()
    for file in ("a/dvc.lock", "b/dvc.lock"):
        read = reader.read(f"{LOCK}more: 1\n".encode(), file)
        assert [problem.file for problem in read.problems] == [file]


def test_a_copy_beyond_the_budget_is_refused() -> None:
    texts = PipelineTexts()
    work = WorkBudget()
    texts.load(PIPELINE, "a/dvc.yaml", work)
    steps = WorkBudget().left - work.left
    little = WorkBudget(Limits(work_steps=steps - 1))
    with pytest.raises(TooMuchWorkError):
        texts.load(PIPELINE, "b/dvc.yaml", little)
    assert texts.load(PIPELINE, "b/dvc.yaml", WorkBudget(Limits(work_steps=steps)))
