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
from lineage_diff.report import json_codec as module
from lineage_diff.report.change import Change, Unknown
from lineage_diff.report.json_codec import (
    ReportError,
    decode,
    encode,
    formatted,
    json_of,
    storable,
)
from lineage_diff.report.report import Report
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
    data = encode(REPORTS[name]())
    again = decode(data, "report.json")
    assert encode(again) == data
    assert data == formatted(json_of(again))
    # Without a look at each key, and with any spaces.
    for spaces in (
        data,
        data[:-1],
        msgspec.json.format(data, indent=-1),
        data.replace(b"\n", b"\n "),
    ):
        assert module._decode_encoded(spaces, Report) == again
    # As text: it keeps the order, and tells 1 from true.
    assert repr(again) == repr(storable(REPORTS[name]()))
    if name != "hostile":
        assert again == REPORTS[name]()


@given(st.dictionaries(st.text(max_size=5), anything, max_size=4), st.text(max_size=20))
def test_any_value_survives_and_keeps_to_the_schema(values: dict[str, Any], text: str) -> None:
    report = empty(
        params={"params.yaml": {key: {"old": None, "new": value} for key, value in values.items()}},
        unknowns=(Unknown(text, text),),
    )
    data = encode(report)
    again = decode(data, "x")
    assert encode(again) == data == formatted(json_of(again))
    assert repr(again) == repr(storable(report))
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
    data = json.loads(encode(report))
    assert data["params"]["p"]["k"]["new"] == stored
    assert repr(storable(report)) == repr(decode(encode(report), "x"))


def test_a_report_that_json_gives_back_as_it_is_is_not_read_again() -> None:
    report = empty(params={"p": {"k": {"new": [1, {"a": 0.5, "b": None}], "old": True}}})
    assert storable(report) is report


@pytest.mark.parametrize("apart", [math.nan, math.inf, 2**70])
def test_a_difference_that_is_no_number_is_left_out(apart: float) -> None:
    report = small()
    odd = replace(report.models[0].metrics[0], diff=apart)
    report = replace(
        report,
        models=(replace(report.models[0], metrics=(odd,)),),
        metrics={"m.json": {"k": {"old": 1, "new": 2, "diff": apart}}},
    )
    again = decode(encode(report), "x")
    assert again.models[0].metrics[0].diff is None
    assert again.metrics["m.json"]["k"] == {"old": 1, "new": 2}


@pytest.mark.parametrize("piece", [1, 2, 1_000])
def test_both_ways_to_write_give_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    quick = encode(small())
    monkeypatch.setattr(module, "_PIECE", piece)
    monkeypatch.setattr(module, "has_odd_values", lambda _: True)
    assert encode(small()) == quick


def test_bytes_are_in_the_order_of_the_contract() -> None:
    data = encode(small())
    assert data.endswith(b"}\n")
    assert data.startswith(b'{\n  "schema_version": 1,\n  "tool": {\n    "name": "lineage-diff"')
    shuffled = small()
    params = {file: dict(reversed(list(keys.items()))) for file, keys in shuffled.params.items()}
    assert encode(empty(params=params)) == encode(empty(params=dict(shuffled.params)))


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_reports_keep_to_the_schema(name: str) -> None:
    SCHEMA.validate(json.loads(encode(REPORTS[name]())))


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.path.name)
def test_the_published_schema_is_the_types(schema: Schema) -> None:
    published = schema.path.read_bytes()
    assert published == schema.content(), "python scripts/json_schemas.py writes it"
    jsonschema_rs.meta.validate(json.loads(published))


def changed(path: list[str | int], value: object) -> bytes:
    report = json.loads(encode(small()))
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
        decode(data, "report.json")
    assert says in caught.value.message
    assert "\n" not in str(caught.value)


def test_what_could_not_be_read_again_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out = encode(hostile())
    monkeypatch.setattr(module, "MAX_BYTES", len(laid_out) - 1)
    close = encode(hostile())
    assert b"\n" not in close
    assert decode(close, "report.json") == decode(laid_out[:-1], "report.json")
    monkeypatch.setattr(module, "MAX_BYTES", len(close) - 1)
    with pytest.raises(InputError, match="over the limit"):
        encode(hostile())


def test_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode(hostile())
    monkeypatch.setattr(module, "MAX_BYTES", len(data))
    decode(data, "report.json")
    with pytest.raises(ReportError, match=r"report\.json holds"):
        decode(data + b" ", "report.json")
