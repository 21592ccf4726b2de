"""Curves, sparklines and charts of drawings."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from lineage_diff.render.plots.mermaid_charts import charts, first_charts
from lineage_diff.render.plots.series import Curve, curves, sample, sparklines
from lineage_diff.report.plots import Drawing
from tests.support.mermaid import draw, needs_mermaid
from tests.support.reports import HOSTILE, curve, hostile


def row(side: str, step: Any, loss: Any, file: str = "a.csv", field: str = "loss") -> Any:
    return side, file, field, step, loss


def drawn(*rows: Any, **values: Any) -> Drawing:
    return curve("a.csv", rows=rows, **values)


ROWS = (row("before", "2", "1.5"), row("before", "1", "2"), row("after", 1, 3), row("after", 2, 4))


@pytest.mark.parametrize(
    ("drawing", "expected"),
    [
        (drawn(*ROWS), [("", ((1, 2), (2, 1.5)), ((1, 3), (2, 4)))]),
        (drawn(*ROWS[:2]), [("", ((1, 2), (2, 1.5)), ())]),
        (drawn(row("after", 1, 2), row("after", 2, "n/a")), [("", (), ((1, 2),))]),
        (drawn(row("after", 1, float("nan")), row("after", 1, True)), []),
        (drawn(row("after", 1, 10**400)), []),
        (drawn(*ROWS, template="confusion"), []),
        (drawn(*ROWS, template="mine", content={"mark": "line"}), []),
        (drawn(*ROWS[:2], content={"mark": "line"}), [("", ((1, 2), (2, 1.5)), ())]),
        (drawn(*ROWS, x=None), []),
        (drawn(*ROWS, x="other"), []),
        (drawn(("after", "a.csv")), []),
        (
            drawn(row("after", 1, 2), row("after", 1, 3, field="acc")),
            [("acc", (), ((1, 3),)), ("loss", (), ((1, 2),))],
        ),
        (
            drawn(row("after", 1, 2), row("after", 1, 3, "b.csv", "acc")),
            [("a.csv loss", (), ((1, 2),)), ("b.csv acc", (), ((1, 3),))],
        ),
    ],
)
def test_curves(drawing: Drawing, expected: list[tuple[str, Any, Any]]) -> None:
    assert [(made.name, made.before, made.after) for made in curves(drawing)] == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((0, 1, 2), (2, 1, 0), ("▁▅█", "█▅▁")),
        ((5, 5), (5, 5), ("▁▁", "▁▁")),
        ((), (1, 2), ("", "▁█")),
        ((), (), ("", "")),
        ((1,), (1,), ("▁", "▁")),
        ((-1e308, 1e308), (1e308, -1e308), ("▁█", "█▁")),
        ((0, 1), (0, 1, 2, 3), ("▁▃", "▁▃▆█")),
    ],
)
def test_sparklines(
    before: tuple[float, ...], after: tuple[float, ...], expected: tuple[str, str]
) -> None:
    made = Curve("", *(tuple(enumerate(map(float, side))) for side in (before, after)))
    assert sparklines(made) == expected


def test_between_two_points_a_curve_is_a_line() -> None:
    points = ((0.0, 0.0), (1.0, 10.0), (4.0, 40.0))
    assert sample(points, 0, 4, 5) == [0, 10, 20, 30, 40]
    assert sample(points, 1, 1, 5) == [10]


def test_a_chart_goes_as_far_as_both_sides_and_says_so() -> None:
    (chart,) = charts([curve("a.csv")])
    assert (chart.sides, chart.cut) == (("before", "after"), True)
    assert '  x-axis "step" 0 --> 3\n  y-axis "loss"' in chart.source
    (alone,) = charts([drawn(*ROWS[:2])])
    assert (alone.sides, alone.cut) == (("before",), False)
    assert not list(charts([drawn(ROWS[0])]))


def test_the_first_curves_of_all_drawings_come_before_second_ones() -> None:
    two = (*ROWS, *(row(side, step, loss, field="acc") for side, _, _, step, loss in ROWS))
    drawings = [replace(drawn(*two), id=name) for name in "abc"]
    assert [chart.plot for chart in first_charts(drawings, 4)] == ["a", "a", "b", "c"]
    assert len(first_charts(drawings, 9)) == 6


@needs_mermaid
def test_mermaid_draws_them_all(tmp_path: Path) -> None:
    odd = [
        drawn(row("before", 0, 1e-7), row("before", 1e15, -1e300)),
        drawn(row("after", -5, 12345678), row("after", 2.5, 0)),
        curve("plain"),
    ]
    made = [*charts(odd), *charts(hostile().drawings)]
    assert len(made) == len(odd) + len(HOSTILE)
    for theme in ("light", "dark"):
        found = draw(tmp_path, {str(n): chart.source for n, chart in enumerate(made)}, theme)
        assert all(not item.alive and item.width == 560 for item in found.values())
