"""Reports as JSON: the round trip, the published schemas, and what is refused."""

import json
import math
from datetime import date
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from lineage_diff.errors import InputError
from lineage_diff.report import report as module
from lineage_diff.report.change import Change, ModelMetric, Unknown
from lineage_diff.report.json_codec import ReportError, _decode_encoded, formatted, json_of
from lineage_diff.report.plots import Drawing
from lineage_diff.report.report import Report, decode_report, encode_report, storable_report
from scripts.json_schemas import SCHEMAS, Schema
from tests.support.reports import REPORTS, empty, hostile, small

SCHEMA = jsonschema_rs.Draft202012Validator(SCHEMAS[0].document())

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


def test_each_part_of_a_change_is_a_part_of_the_report() -> None:
    """The two types stand side by side, because the keys of the header come first in the JSON."""
    parts = {field.name: (field.type, field.default) for field in fields(Change)}
    report = {field.name: (field.type, field.default) for field in fields(Report)}
    assert parts.items() <= report.items()


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_round_trip(name: str) -> None:
    data = encode_report(REPORTS[name]())
    again = decode_report(data, "report.json")
    assert encode_report(again) == data
    assert data == formatted(json_of(again))
    # Without a look at each key, and with any spaces.
    for spaces in (
        data,
        data[:-1],
        msgspec.json.format(data, indent=-1),
        data.replace(b"\n", b"\n "),
    ):
        assert _decode_encoded(spaces, module._read) == again
    # As text: it keeps the order, and tells 1 from true.
    assert repr(again) == repr(storable_report(REPORTS[name]()))
    if name != "hostile":
        assert again == REPORTS[name]()


@pytest.mark.parametrize(
    "rows",
    [
        (),
        ((), ()),
        (("a", "b"), ("a", "b")),
        (("a", 1), ("a", 1.0), ("a", True), ("1", "a")),
        (("a", "b", "c"), ("a",), (), ("b", None)),
        ((["a"], {"a": "b"}), (["a"], {"a": "b"})),
    ],
    ids=str,
)
def test_rows_of_a_plot_are_read_as_they_are(rows: tuple[tuple[Any, ...], ...]) -> None:
    drawing = Drawing("p", "vega", ("p.csv",), columns=("x", "y"), rows=rows)
    data = encode_report(empty(drawings=(drawing,)))
    assert repr(decode_report(data, "x")) == repr(msgspec.json.decode(data, type=Report))


def test_equal_texts_are_held_once() -> None:
    """A report of 60 MB has a hundred thousand rows of plots, with the same few names."""
    drawing = Drawing("p", "vega", ("p.csv",), columns=("rev", "y"), rows=(("after", "0"),) * 2)
    model = small().models[0]
    metric = ModelMetric("m.json", "auc", 1, 2)
    read = decode_report(
        encode_report(
            empty(
                drawings=(drawing, drawing),
                models=(replace(model, metrics=(metric, metric)),) * 2,
                metrics={"m.json": {"auc": {"old": 1, "new": 2}}},
            )
        ),
        "x",
    )
    cells = [*read.drawings[0].rows, *read.drawings[1].rows]
    assert {id(cell) for row in cells for cell in row} == set(map(id, cells[0]))
    names = [
        name
        for model in read.models
        for metric in model.metrics
        for name in (metric.file, metric.key)
    ]
    assert {id(name) for name in names} == set(map(id, names[:2]))
    assert id(next(iter(read.metrics["m.json"]))) == id(names[1])


@given(st.dictionaries(st.text(max_size=5), anything, max_size=4), st.text(max_size=20))
def test_any_value_survives_and_keeps_to_the_schema(values: dict[str, Any], text: str) -> None:
    report = empty(
        params={"params.yaml": {key: {"old": None, "new": value} for key, value in values.items()}},
        unknowns=(Unknown(text, text),),
    )
    data = encode_report(report)
    again = decode_report(data, "x")
    assert encode_report(again) == data == formatted(json_of(again))
    assert repr(again) == repr(storable_report(report))
    SCHEMA.validate(json.loads(data))


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (2**70, str(2**70)),
        (date(2026, 1, 2), "2026-01-02"),
        ("\udcff", "\\udcff"),
        ({1: "x", None: 2, False: 3, "b": 4}, {"1": "x", "null": 2, "false": 3, "b": 4}),
        ({"b": 1, "a": (1, 2)}, {"a": [1, 2], "b": 1}),
    ],
)
def test_what_json_cannot_hold_becomes_text(value: object, stored: object) -> None:
    report = empty(params={"p": {"k": {"new": value, "old": None}}})
    data = json.loads(encode_report(report))
    assert data["params"]["p"]["k"]["new"] == stored
    assert repr(storable_report(report)) == repr(decode_report(encode_report(report), "x"))


def test_a_report_that_json_gives_back_as_it_is_is_not_read_again() -> None:
    report = empty(params={"p": {"k": {"new": [1, {"a": 0.5, "b": None}], "old": True}}})
    assert storable_report(report) is report


@pytest.mark.parametrize("apart", [math.nan, math.inf, 2**70])
def test_a_difference_that_is_no_number_is_left_out(apart: float) -> None:
    report = small()
    odd = replace(report.models[0].metrics[0], diff=apart)
    report = replace(
        report,
        models=(replace(report.models[0], metrics=(odd,)),),
        metrics={"m.json": {"k": {"old": 1, "new": 2, "diff": apart}}},
    )
    again = decode_report(encode_report(report), "x")
    assert again.models[0].metrics[0].diff is None
    assert again.metrics["m.json"]["k"] == {"old": 1, "new": 2}


@pytest.mark.parametrize("piece", [1, 2, 1_000])
def test_both_ways_to_write_give_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    quick = encode_report(small())
    monkeypatch.setattr(module, "_PIECE", piece)
    monkeypatch.setattr(module, "has_odd_values", lambda _: True)
    assert encode_report(small()) == quick


def test_bytes_are_in_the_order_of_the_contract() -> None:
    data = encode_report(small())
    assert data.endswith(b"}\n")
    assert data.startswith(b'{\n  "schema_version": 1,\n  "tool": {\n    "name": "lineage-diff"')
    shuffled = small()
    params = {file: dict(reversed(list(keys.items()))) for file, keys in shuffled.params.items()}
    assert encode_report(empty(params=params)) == encode_report(empty(params=dict(shuffled.params)))


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_reports_keep_to_the_schema(name: str) -> None:
    SCHEMA.validate(json.loads(encode_report(REPORTS[name]())))


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.path.name)
def test_the_published_schema_is_the_types(schema: Schema) -> None:
    published = schema.path.read_bytes()
    assert published == schema.content(), "python scripts/json_schemas.py writes it"
    jsonschema_rs.meta.validate(json.loads(published))


def changed(path: list[str | int], value: object) -> bytes:
    report = json.loads(encode_report(small()))
    place = report
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(report).encode()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "truncated"),
        (b"[]", "`$` must be an object"),
        (b"\xff", "malformed"),
        (b"[" * 100_000, "deep"),
        (b'{"schema_version": 1}', "missing"),
        (changed(["schema_version"], 2), "`$.schema_version` is '2'"),
        (changed(["schema_version"], True), "`$.schema_version`"),
        (changed(["tool", "name"], 3), "$.tool.name"),
        (changed(["models", 0, "change"], "exploded"), "$.models[0].change"),
        (changed(["models", 0, "causes", 0, "commits"], ...), "`$.models[0].causes[0]`"),
        (changed(["models", 0, "script"], "<script>"), "unknown key `script` - at `$.models[0]`"),
        (changed(["extra"], 1), "unknown key `extra` - at `$`"),
        (changed(["unknowns"], ...), "missing key `unknowns`"),
        (changed(["graph", "edges", 0, "to"], None), "$.graph.edges[0]"),
    ],
)
def test_what_is_no_report_is_refused_with_its_place(data: bytes, says: str) -> None:
    with pytest.raises(ReportError) as caught:
        decode_report(data, "report.json")
    assert says in caught.value.message
    assert "\n" not in str(caught.value)


def test_what_could_not_be_read_again_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out = encode_report(hostile())
    monkeypatch.setattr(module, "MAX_BYTES", len(laid_out) - 1)
    close = encode_report(hostile())
    assert b"\n" not in close
    assert decode_report(close, "report.json") == decode_report(laid_out[:-1], "report.json")
    monkeypatch.setattr(module, "MAX_BYTES", len(close) - 1)
    with pytest.raises(InputError, match="over the limit"):
        encode_report(hostile())


def test_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode_report(hostile())
    monkeypatch.setattr(module, "MAX_BYTES", len(data))
    decode_report(data, "report.json")
    with pytest.raises(ReportError, match=r"report\.json holds"):
        decode_report(data + b" ", "report.json")
