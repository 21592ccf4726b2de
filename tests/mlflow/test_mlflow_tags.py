import posixpath
import re
from pathlib import Path

import pytest

from lineage_diff import limits
from lineage_diff.lineage.graph import build_graph
from lineage_diff.lineage.mlflow import OURS, MlflowRun
from lineage_diff.lineage.models import Model
from lineage_diff.lineage.outputs import TrackedOutput, outputs_by_path
from lineage_diff.lineage.stage import Stage
from lineage_diff.mlflow.tags import KEY, VALUE, lineage_tags, tag_changes, tag_key
from tests.support.lineages import stage, tracked

PAGE = Path(__file__).parents[2] / "docs" / "mlflow.md"
STAGES = (
    tracked("raw.csv", 1),
    tracked("unused.csv", 2),
    stage("prepare", ("raw.csv", "prepare.py"), ("clean.csv", "report.txt"), 3),
    stage("train", ("clean.csv", "params.json"), ("model.pkl",), 4),
    stage("serve", ("model.pkl",), ("image.tar",), 5),
)


def _tags(
    *stages: Stage, path: str = "model.pkl", name: str | None = None, most: int = 9
) -> tuple[dict[str, str], int]:
    outs = outputs_by_path(stages, {})
    made: TrackedOutput | None = outs.get(path)
    model = Model(path, name, made, "convention")
    return lineage_tags("c0ffee", model, outs, build_graph(stages), most)


def _hash(number: int) -> str:
    return f"md5:{number:032x}"


def test_what_a_model_is_made_from_back_to_the_sources() -> None:
    assert _tags(*STAGES, name="churn") == (
        {
            "lineage_diff.artifact": "churn",
            "lineage_diff.commit": "c0ffee",
            "lineage_diff.data.clean.csv": _hash(3),
            "lineage_diff.data.raw.csv": _hash(1),
            "lineage_diff.model": "model.pkl",
            "lineage_diff.model_hash": _hash(4),
            "lineage_diff.stage": "train",
        },
        0,
    )


def test_more_data_than_is_written() -> None:
    tags, left_out = _tags(*STAGES, most=1)
    assert [key for key in tags if ".data." in key] == ["lineage_diff.data.clean.csv"]
    assert left_out == 1


def test_a_model_inside_of_an_out_has_no_hash() -> None:
    folder = stage("train", ("raw.csv",), ("models",), 4)
    outs = outputs_by_path((folder,), {})
    model = Model("models/a.pkl", "a", outs["models"], "artifact")
    tags, _ = lineage_tags("c0ffee", model, outs, build_graph((folder,)), 9)
    assert "lineage_diff.model_hash" not in tags
    assert tags["lineage_diff.stage"] == "train"


def test_a_model_that_nothing_makes() -> None:
    assert _tags(path="model.pkl") == (
        {"lineage_diff.commit": "c0ffee", "lineage_diff.model": "model.pkl"},
        0,
    )


KEPT = ["data.raw.csv", "data.a b/c-d_e.csv", "data.größe.csv", "data./etc", "x" * 250]
NAMES = [
    *KEPT,
    "data.a:b",
    "data.a'b",
    "data.a`b",
    "data.a\nb",
    "data.a\udcffb",
    "data.s3://bucket//x",
    "data.a/../b",
    "data.a/",
    "x" * 251,
    "x" * 236 + "/" + "y" * 236,
    "é" * 300,
]


@pytest.mark.parametrize("name", NAMES)
def test_key_is_one_that_mlflow_takes(name: str) -> None:
    key = tag_key(name)
    # What `mlflow.utils.validation` asks, by `path_not_unique` and its pattern for keys.
    assert len(key) <= KEY
    assert re.fullmatch(r"[/\w.\- ]+", key)
    assert posixpath.normpath(key) == key
    assert (key == name) is (name in KEPT)


def test_different_names_have_different_keys() -> None:
    assert len({tag_key(name) for name in [*NAMES, "data.a_b", "data.a;b", "y" * 251]}) == 19


def test_value_can_be_sent() -> None:
    path = "models/\udcff" + "x" * 9000
    tags, _ = _tags(stage("train", (), (path,), 1), path=path)
    tags["lineage_diff.model"].encode()
    assert len(tags["lineage_diff.model"]) == VALUE


def test_only_what_differs_is_written() -> None:
    run = MlflowRun("r", "1", tags={"lineage_diff.a": "1", "lineage_diff.b": "2"})
    (change,) = tag_changes([run], {"lineage_diff.a": "1", "lineage_diff.c": "3"})
    assert (change.write, change.remove) == ({"lineage_diff.c": "3"}, ("lineage_diff.b",))


def test_page_is_as_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    tags, _ = _tags(*STAGES, name="churn")
    kinds = {re.sub(r"\.data\..*", ".data.PATH", key) for key in tags}
    assert set(re.findall(rf"^\| `({re.escape(OURS)}\S+)`", page, re.MULTILINE)) == kinds
    for number in (
        f"first {limits.MLFLOW_DATA_TAGS} by path",
        f"{KEY} characters",
        f"{VALUE:,} characters",
        f"{limits.MLFLOW_REQUEST_SECONDS:.0f} seconds",
        f"end after {limits.MLFLOW_SECONDS:.0f}",
        f"{limits.MLFLOW_BYTES // 2**20} MiB",
        f"{limits.MLFLOW_PAGE * limits.MLFLOW_PAGES:,} runs",
    ):
        assert number in page
