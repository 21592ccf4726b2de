import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage_diff.lineage.mlflow import MlflowAnswer
from lineage_diff.mlflow import messages as wire
from lineage_diff.mlflow.client import RequestLimits
from lineage_diff.mlflow.lookup import ask_mlflow
from tests.support.raw_http import RawServer, response, sends

SOURCES = [
    ("mlflow-artifacts:/1/abc/artifacts/model", "mlflow-artifacts:/1/abc/artifacts/model"),
    ("models:/m-0123", "models:/m-0123"),
    ("s3://bucket/models/a", "s3://bucket/models/a"),
    ("/srv/models/a b", "/srv/models/a b"),
    ("file:///srv/models", "file:///srv/models"),
    ("https://user:pass@host:80/x?sig=abc#f", "https://host:80/x"),
    ("wasbs://box@account.blob/x?sv=1", "wasbs://account.blob/x"),
    ("http://[::1", None),
    ("", None),
]


@pytest.mark.parametrize(("source", "expected"), SOURCES)
def test_source_is_told_without_credentials(source: str, expected: str | None) -> None:
    version = wire.as_version(wire.ModelVersion("churn", 3, source=source))
    assert (version.version, version.source) == ("3", expected)


def test_link_holds_no_more_than_the_ids() -> None:
    run = wire.RunRecord(wire.RunInfo("../a b", "1?x#"))
    noun = wire.as_run(run, commit=None, experiment=None, versions=(), base="http://h/m")
    assert noun.link == "http://h/m/#/experiments/1%3Fx%23/runs/..%2Fa%20b"


def test_numbers_as_protobuf_writes_them() -> None:
    body = b"""{"info": {"run_id": "r", "experiment_id": "1", "start_time": "1700"}, "data":
      {"metrics": [{"key": "a", "value": "NaN"}, {"key": "b", "value": "-Infinity"},
       {"key": "c", "value": 1}, {"key": "d", "value": "x"}, {"key": "e"}],
       "tags": [{"key": "mlflow.runName", "value": "old"}, {"key": "empty"}]}}"""
    run = msgspec.json.decode(body, type=wire.RunRecord)
    noun = wire.as_run(run, commit=None, experiment=None, versions=(), base="")
    assert (noun.started, noun.name) == (1700, "old")
    assert str(dict(noun.metrics)) == "{'a': nan, 'b': -inf, 'c': 1.0}"


NAMED = [
    ({"dvc_commit": " A1 "}, {}, "a1"),
    ({"mlflow.source.git.commit": "b", "dvc_commit": "a"}, {}, "a"),
    ({"mlflow.source.git.commit": "b", "dvc_commit": " "}, {"dvc_commit": "c"}, "c"),
    ({}, {"mlflow.source.git.commit": "b"}, "b"),
    ({"dvc": "a"}, {}, None),
]


@pytest.mark.parametrize(("tags", "params", "expected"), NAMED)
def test_commit_of_a_run(
    tags: dict[str, str], params: dict[str, str], expected: str | None
) -> None:
    data = wire.RunData(
        params=[wire.KeyValue(*item) for item in params.items()],
        tags=[wire.KeyValue(*item) for item in tags.items()],
    )
    run = wire.RunRecord(wire.RunInfo("r", "1"), data)
    assert wire.commit_of(run, ("dvc_commit", "mlflow.source.git.commit")) == expected


COMMIT = "c" * 40
KEYS = st.sampled_from(
    [
        *("experiments", "experiment_id", "name", "runs", "run", "info", "data", "run_id", "tags"),
        *("params", "metrics", "key", "value", "version", "model_version", "model_versions"),
        *("registered_models", "registered_model", "aliases", "alias", "error_code", "source"),
        *("next_page_token", "current_stage"),
    ]
)
TEXT = st.sampled_from(["", "1", "r", "dvc_commit", COMMIT, "churn", "NaN", "\ud800"]) | st.text()
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
BODIES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5)
)
RUNS = st.fixed_dictionaries(
    {
        "runs": st.lists(
            st.fixed_dictionaries(
                {
                    "info": st.fixed_dictionaries({"run_id": TEXT, "experiment_id": TEXT}),
                    "data": st.just({"tags": [{"key": "dvc_commit", "value": COMMIT}]}) | BODIES,
                }
            ),
            max_size=2,
        )
    },
    optional={"next_page_token": TEXT},
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["200 OK", "400 Bad", "404 No"]), RUNS | BODIES), max_size=8)
)
def test_whatever_is_answered_is_an_answer(answers: list[tuple[str, object]]) -> None:
    experiments = {"experiments": [{"experiment_id": "1", "name": "churn"}]}
    bodies = [("200 OK", experiments), *answers, ("200 OK", {})]
    with RawServer(
        sends(*(response(json.dumps(body).encode(), status) for status, body in bodies))
    ) as server:
        environ = {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{server.port}"}
        bounds = RequestLimits(pauses=())
        answer = ask_mlflow([COMMIT], ["models:/churn/1"], environ=environ, bounds=bounds)
    assert isinstance(answer, MlflowAnswer)
    repr(answer).encode()
