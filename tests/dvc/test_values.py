"""Which metrics and params files a commit has, what they hold, and why some are unknown."""

from typing import Any

import pytest

from lineage_diff.dvc import unknown_reasons as unknowns
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.errors import InputError
from lineage_diff.git.repository import open_repository
from lineage_diff.limits import Limits
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.parsing.values_file import parse_values
from tests.support.git_repo import GitRepo


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("params.yaml", "a: 1e-3\nb: yes\n", {"a": 0.001, "b": "yes"}),
        ("params.yml", "", {}),
        ("m.json", '{"a": [1, 2]}', {"a": [1, 2]}),
        ("m.json", "0", {}),
        ("m.v1.json", "a: 1", {"a": 1}),
        ("p.toml", "[a]\nb = 1\n", {"a": {"b": 1}}),
        ("p.py", "x = 1\nclass Train:\n    lr = 0.1\n", {"x": 1, "Train": {"lr": 0.1}}),
        ("p.py", "import os\nx = os.getpid()\n", {}),
        ("METRICS.JSON", '{"a": 1}', {"a": 1}),
        ("plain", "a: 1", {"a": 1}),
    ],
)
def test_a_file_is_read_by_what_follows_the_first_dot(
    name: str, content: str, expected: Any
) -> None:
    assert parse_values(content.encode(), name) == expected


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("m.json", "{"),
        ("m.json", "[" * 100_000),
        ("m.json", '{"a":' * 600 + "1" + "}" * 600),
        ("p.toml", "a = "),
        ("p.toml", "a." * 3000 + "b = 1"),
        ("p.toml", "a = 0x" + "f" * 5000),
        ("p.py", "a = 0x" + "f" * 5000),
        ("p.yaml", "a: [0x" + "f" * 5000 + "]"),
        ("p.py", "x = ("),
        ("p.py", "x = " + "(" * 10_000 + ")" * 10_000),
        ("p.yaml", "a: [\n"),
        ("p.yaml", "a: !!python/object:os.system 1\n"),
        ("p.yaml", b"\xff\xfe"),
    ],
)
def test_what_does_not_parse_is_a_clear_error(name: str, content: str | bytes) -> None:
    with pytest.raises(InputError) as error:
        parse_values(content.encode() if isinstance(content, str) else content, name)
    assert error.value.file == name


def read(repo: GitRepo, files: dict[str, str]) -> Lineage:
    repo.write(".dvc/config", "")
    for path, text in files.items():
        repo.write(path, text)
    repository = open_repository(repo.path)
    return LineageReader(repository).read(repo.commit("files"))


STAGE = """stages:
  train:
    cmd: train
    params: [lr, other.yaml: [a.b]]
    metrics:
      - in-git.json: {cache: false}
      - cached.json
      - gone.json: {cache: false}
      - folder: {cache: false}
metrics: [top.json, broken.json]
"""


def test_metrics_say_what_they_hold_or_why_not(git_repo: GitRepo) -> None:
    lineage = read(
        git_repo,
        {
            "dvc.yaml": STAGE,
            "in-git.json": '{"a": 1, "list": [1], "none": null, "deep": {"b": 2.5, "x": {}}}',
            "folder/one.json": '{"c": 3}',
            "folder/deep/er/two.yaml": "d: 4",
            "top.json": "4",
            "broken.json": "{",
        },
    )
    assert {path: file.values for path, file in lineage.metrics.items()} == {
        "in-git.json": {"a": 1, "deep": {"b": 2.5}},
        "folder/one.json": {"c": 3},
        "folder/deep/er/two.yaml": {"d": 4},
        "top.json": 4,
        "cached.json": None,
        "gone.json": None,
        "broken.json": None,
    }
    reasons = {path: file.unknown for path, file in lineage.metrics.items() if file.unknown}
    assert reasons["cached.json"] == unknowns.CACHED
    assert reasons["gone.json"] == unknowns.ABSENT
    assert reasons["broken.json"].startswith("does not parse")
    assert [path for path, file in lineage.metrics.items() if file.cached] == ["cached.json"]


def test_metrics_beyond_the_budget_are_unknown_under_their_own_path(git_repo: GitRepo) -> None:
    git_repo.write(".dvc/config", "")
    git_repo.write("dvc.yaml", "metrics: [a.json, b.json]\n")
    for path in ("a.json", "b.json"):
        git_repo.write(path, f'{{"{path[0]}": [{", ".join("1" * 900)}]}}')
    repository = open_repository(git_repo.path)
    commit = git_repo.commit()
    found: set[tuple[str, bool]] = set()
    for steps in range(10_000, 200_000, 10_000):
        reader = LineageReader(repository, bounds=Limits(work_steps=steps))
        metrics = reader.read(commit).metrics
        assert all(file.path == path for path, file in metrics.items())
        found |= {(path, file.unreadable) for path, file in metrics.items()}
    assert {item for item in found if item[1]} == {("a.json", True), ("b.json", True)}


def test_a_folder_of_metrics_has_also_those_that_dvc_keeps(git_repo: GitRepo) -> None:
    stage = "  train:\n    cmd: x\n    outs: [m/kept.json, m/kept.bin, m/in/kept.yaml, n/k.toml]\n"
    lineage = read(
        git_repo,
        {
            "dvc.yaml": f"stages:\n{stage}metrics: [m, n, o]\n",
            "m/one.json": '{"a": 1}',
            "o/two.json": '{"b": 2}',
        },
    )
    assert {path: file.values for path, file in lineage.metrics.items()} == {
        "m/in/kept.yaml": None,
        "m/kept.json": None,
        "m/one.json": {"a": 1},
        "n/k.toml": None,
        "o/two.json": {"b": 2},
    }


def test_values_that_only_templates_use_are_params(git_repo: GitRepo) -> None:
    lineage = read(
        git_repo,
        {
            "dvc.yaml": "vars: [conf/v.yaml]\nstages:\n  train:\n    cmd: fit ${a.b} ${c}\n",
            "conf/v.yaml": "a: {b: 1, d: 2}\nc: x\ne: 5\n",
        },
    )
    assert {path: file.values for path, file in lineage.params.items()} == {
        "conf/v.yaml": {"a.b": 1, "c": "x"}
    }


def test_params_are_those_that_stages_take_and_all_of_the_default_file(
    git_repo: GitRepo,
) -> None:
    lineage = read(
        git_repo,
        {
            "dvc.yaml": STAGE,
            "params.yaml": "lr: 0.1\nunused: 1\n",
            "other.yaml": "a: {b: 1, c: 2}\nd: 3\n",
        },
    )
    assert {path: file.values for path, file in lineage.params.items()} == {
        "params.yaml": {"lr": 0.1, "unused": 1},
        "other.yaml": {"a": {"b": 1}},
    }


def test_an_ignored_file_counts_only_where_it_is_named(git_repo: GitRepo) -> None:
    lineage = read(
        git_repo,
        {
            "dvc.yaml": "metrics: [folder, hidden, named.tmp]\n",
            ".dvcignore": "*.tmp\nhidden/\nparams.yaml\n",
            "folder/a.json": '{"a": 1}',
            "folder/b.tmp": "b: 1",
            "hidden/c.json": '{"c": 1}',
            "named.tmp": "d: 1",
            "params.yaml": "lr: 1",
        },
    )
    assert {path: file.values for path, file in lineage.metrics.items()} == {
        "folder/a.json": {"a": 1},
        "hidden": None,
        "named.tmp": {"d": 1},
    }
    assert lineage.params == {}
