"""The quick reader of a `dvc.yaml` in DVC's own layout gives what the YAML parser gives."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage_diff.dvc.pipeline import text_cache
from lineage_diff.dvc.pipeline.text_cache import PipelineTexts
from lineage_diff.errors import InputError
from lineage_diff.limits import Limits
from lineage_diff.parsing.work_budget import WorkBudget
from lineage_diff.parsing.yaml_loader import load_any_yaml, load_yaml

USUAL = """\
vars:
- a: 1
stages:
  prepare:
    cmd: python src/prepare.py --seed 1 # as before
    deps:
    - ../data/raw.csv
    - 20
    params:
    - prepare.seed
    - .5
    outs:
    - no
    - data/true
  train@1-b/c.d:
    cmd: 'python train.py: "it"'
    deps:
      - true
    metrics:
    - metrics.json:
        cache: false
    - 1:
        cache: false

  null_1:
    cmd: "true"
    outs:
      - a
    metrics:
      - b.json:
          cache: false


metrics:
- metrics.json
"""


def outcome(text: str) -> str:
    try:
        return repr(load_any_yaml(text, "f"))
    except InputError:
        return "refused"


def loaded(text: str) -> str:
    """Return what the reader of pipelines makes of a text; it counts as `load_yaml` does."""
    work, counted = WorkBudget(), WorkBudget()
    try:
        found = repr(PipelineTexts().load(text, "f", work))
    except InputError:
        return "refused"
    load_yaml(text, "f", counted)
    assert work.left == counted.left
    return found


@pytest.mark.parametrize(
    "text", [USUAL, USUAL[USUAL.index("stages") :], USUAL.replace("\n\n", "\n")]
)
def test_the_usual_layout_needs_no_other_reader(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    expected = outcome(text)
    monkeypatch.setattr(text_cache, "load_yaml", lambda *_: pytest.fail("another reader"))
    assert repr(PipelineTexts().load(text, "f", WorkBudget())) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  prepare:", "  true:"),
        ("  prepare:", "  null_1:"),
        ("  prepare:", "  ~:"),
        ("  prepare:", "  'a b':"),
        ("    cmd: python", "    cmd: - python"),
        ("    cmd: python", "    cmd: a: python"),
        ("    cmd: python", "    cmd: 2020-01-01"),
        ("    cmd: python", "    cmd: &a python"),
        ("    cmd: 'python", "    cmd: 'a' python"),
        ("    cmd: python", "    cmd: 1\n    cmd: python"),
        (" # as before", " \\\n      --more"),
        ("    - 20", "    - 20\n      - a"),
        ("    - 20", "     - 20"),
        ("    - 20", "    - a b"),
        ("    - 20", "    - 2020-01-01"),
        ("    - 20", "    - a: 1"),
        ("    - no", "    - no #"),
        ("    - no", "    - [no]"),
        ("        cache: false\n    - 1", "        cache: true\n    - 1"),
        ("    - 1:", "    - metrics.json:"),
        ("\n  null_1", "\n  # more\n  null_1"),
        ("vars:\n- a: 1", "stages:\n  x:\n    cmd: y"),
        ("vars:\n- a: 1", "- a"),
        ("vars:\n- a: 1", "vars: '"),
        ("vars:\n- a: 1", "%YAML 1.1\n---"),
        ("metrics:\n- metrics.json\n", "stages: 1\n"),
        ("metrics:\n- metrics.json\n", "---\na: b\n"),
        ("metrics:\n- metrics.json\n", "...\n"),
        ("    - prepare.seed", "    - prepare.\u0007seed"),
        ("src/prepare.py", "src/pr\u00e9pare\u2028.py"),
    ],
)
def test_any_other_layout_is_what_the_parser_makes_of_it(old: str, new: str) -> None:
    assert old in USUAL
    text = USUAL.replace(old, new, 1)
    assert loaded(text) == outcome(text)


@given(st.integers(0, len(USUAL)), st.integers(0, 9), st.sampled_from("x: \n#'-\"{1~&*\té\\|"))
@settings(max_examples=500, deadline=None)
def test_a_damaged_text_is_what_the_parser_makes_of_it(at: int, cut: int, add: str) -> None:
    text = USUAL[:at] + add + USUAL[at + cut :]
    assert loaded(text) == outcome(text)


@pytest.mark.parametrize(
    "limits", [Limits(work_steps=500), Limits(yaml_nodes=20)], ids=["work", "values"]
)
def test_the_limits_are_those_of_the_other_reader(limits: Limits) -> None:
    texts = []
    for load in (PipelineTexts().load, load_yaml):
        with pytest.raises(InputError) as caught:
            load(USUAL, "f", WorkBudget(limits))
        texts.append(caught.value.message)
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    "lines",
    ["    - a\n" * 300_000, "    - a\n" * 9_999 + "\n" * 900_000, "      - b:\n" * 200_000],
    ids=["words", "empty lines", "metrics"],
)
def test_no_block_makes_it_slow(lines: str) -> None:
    text = f"stages:\n  a:\n    cmd: b\n    deps:\n{lines}    metrics:\n{lines}"
    start = time.process_time()
    blocks = text_cache._split(text)
    assert blocks is not None
    text_cache._usual_stages(blocks[1])
    assert time.process_time() - start < 1
