"""The line on the last push: from a state that anyone may have edited."""

import base64
import json
import zlib
from typing import Any

import pytest
from markupsafe import Markup

from lineage_diff.forge.github.comments.state import with_states
from lineage_diff.forge.publication import STATE_LENGTH
from lineage_diff.render.last_push import push_state, read_state, since_line
from lineage_diff.render.markdown import markdown
from lineage_diff.report.change import MetricNote
from lineage_diff.report.findings import Verdict
from lineage_diff.report.report import Report, Revision
from tests.support.reports import empty, model

HEAD = "3f2c1aa" + "0" * 33


def _report(
    states: str = "", metrics: dict[str, Any] | None = None, errors: int = 0, base: str = "a"
) -> Report:
    """Return a report whose models `m0`, `m1` … are fresh, stale or unknown: `fsu`."""
    names = {"f": "fresh", "s": "stale", "u": "unknown"}
    models = tuple(model(f"m{n}", freshness=names[state]) for n, state in enumerate(states))
    changes = {
        key: {"old": old, "new": new, "diff": 0} for key, (old, new) in (metrics or {}).items()
    }
    return empty(
        base=Revision("main", base * 40),
        models=models,
        metrics={"m.json": changes} if changes else {},
        verdict=Verdict("failure" if errors else "success", errors, 0),
    )


def _line(old: Report, new: Report) -> str:
    line = str(since_line(push_state(old, STATE_LENGTH), HEAD, new))
    return line.removeprefix("Since `3f2c1aa`: ")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (_report("fs"), _report("fs"), ""),
        (_report("ss"), _report("ff"), "2 models made fresh."),
        (_report("fs"), _report("ss"), "1 model became stale."),
        (_report("sf"), _report("fs"), "1 model made fresh, 1 model became stale."),
        (_report("ff"), _report("fu"), "1 model no longer known to be fresh."),
        (_report("f"), _report("fs"), "1 model became stale."),
        # A model that is gone was not made fresh.
        (_report("fs"), _report("f"), ""),
        (_report(errors=2), _report(errors=1), "1 error fewer."),
        (_report(errors=1), _report(errors=4), "3 more errors."),
        (_report("", {"acc": (0.9, 0.91)}), _report("", {"acc": (0.9, 0.92)}), "`acc` +0.01."),
        (_report("", {"acc": (0.9, 0.91)}), _report("", {"acc": (0.9, 0.89)}), "`acc` −0.02."),
        # The value of the base again, or for the first time another one.
        (_report("", {"acc": (0.9, 0.91)}), _report(), "`acc` −0.01."),
        (_report(), _report("", {"acc": (0.9, 0.91)}), "`acc` +0.01."),
        # With another base, what does not differ from it is not known.
        (_report("", {"acc": (0.9, 0.91)}), _report(base="b"), ""),
        (_report(), _report("", {"acc": (0.9, 0.91)}, base="b"), ""),
        (_report("", {"acc": (0.9, 0.91)}), _report("", {"acc": (0.8, 0.91)}, base="b"), ""),
        (_report("", {"acc": (0.9, 0.91)}), _report("", {"acc": (0.9, "high")}), ""),
        (_report("", {"acc": (0.9, "high")}), _report("", {"acc": (0.9, 0.91)}), ""),
        (
            _report("s", {"b|c": (1, 2), "d": (1, 2), "e": (1, 2), "f": (1, 2)}),
            _report("f", {"b|c": (1, 3), "d": (1, 3), "e": (1, 3), "f": (1, 3)}),
            "1 model made fresh, <code>b&#124;c</code> +1, `d` +1, `e` +1 and 1 more metric.",
        ),
    ],
)
def test_what_a_push_did(old: Report, new: Report, line: str) -> None:
    assert _line(old, new) == line


@pytest.mark.parametrize("note", ["missing", "unknown"])
def test_a_metric_that_is_not_known_is_not_the_one_of_the_base(note: Any) -> None:
    old = _report("", {"acc": (0.9, 0.91)})
    new = empty(base=old.base, metric_notes=(MetricNote("m.json", "acc", note),))
    assert _line(old, new) == ""


@pytest.mark.parametrize("models", [0, 199, 201, 5_000])
@pytest.mark.parametrize("metrics", [0, 49, 51, 5_000])
def test_a_state_is_bounded_and_says_nothing_wrong(models: int, metrics: int) -> None:
    long = {f"{'x' * 80}{n}": (n, n + 0.123456789) for n in range(metrics)}
    old = _report("s" * models, long)
    text = push_state(old, STATE_LENGTH)
    assert 0 < len(text) <= STATE_LENGTH
    assert read_state(text) is not None
    assert str(since_line(text, HEAD, old)) == ""


def test_the_line_is_below_the_headline_and_the_state_is_hidden() -> None:
    line = Markup("Since `3f2c1aa`: 1 model made fresh.")
    lines = markdown(_report("f"), since=lambda: line).splitlines()
    assert lines[2] == line
    assert with_states("text\n", "abc", None).endswith("\n<!-- lineage-diff now=abc -->\n")


def _packed(data: object) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(zlib.compress(raw)).decode().rstrip("=")


GOOD: list[Any] = [1, "a" * 40, 0, ["0" * 8], [], [["m.json", "acc", 1, 2]], True]


def _with(index: int, value: Any) -> list[Any]:
    return [*GOOD[:index], value, *GOOD[index + 1 :]]


def test_the_form_of_a_state() -> None:
    assert read_state(_packed(GOOD)) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "abc",
        "A" * STATE_LENGTH,
        base64.urlsafe_b64encode(b"not packed").decode().rstrip("="),
        _packed(b"\xff"),
        _packed(b" " * 50_000_000),
        _packed(b"[" * 20_000),
        _packed({}),
        _packed([]),
        _packed([*GOOD, 1]),
        _packed(GOOD[:-1]),
        _packed(_with(0, 2)),
        _packed(_with(1, "<b>")),
        _packed(_with(1, "a" * 40 + "\n")),
        _packed(_with(2, -1)),
        _packed(_with(2, 10**30)),
        _packed(_with(3, ["0" * 8] * 1_000)),
        _packed(_with(3, ["<script>"])),
        _packed(_with(5, [["m.json", "a" * 10_000, 1, 2]])),
        _packed(_with(5, [["m.json", "acc", "1", 2]])),
        _packed(_with(5, [["m.json", "acc", True, 2]])),
        _packed(json.dumps(_with(5, [["m.json", "acc", 1, 2]])).replace("2]", "1e999]").encode()),
        _packed(GOOD)[:-4],
    ],
)
def test_a_state_that_is_not_ours_is_none(text: str) -> None:
    assert read_state(text) is None
    assert str(since_line(text, HEAD, _report("f"))) == ""


def test_a_name_in_an_edited_state_is_text() -> None:
    key = "<img src=x> @octo | ](http://evil) `x`\n# big"
    state = _packed([1, "a" * 40, 0, [], [], [["m.json", key, 1, 2]], True])
    line = str(since_line(state, HEAD, _report()))
    assert "\n" not in line
    assert line.startswith("Since `3f2c1aa`: <code>&#60;img src&#61;x&#62; &#64;")
    assert "http://" not in line
