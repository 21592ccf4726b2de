"""The comment on ten thousand models keeps within every limit, and what gives way has an order."""

from itertools import pairwise

import pytest

from lineage_diff.forge.github.limits import COMMENT_LIMIT
from lineage_diff.render.markdown import CUT_ORDER, markdown
from tests.support.markdown import read
from tests.support.reports import huge


@pytest.mark.parametrize("limit", [COMMENT_LIMIT, 30_000, 12_000, 6_000, 4_000, 2_500, 1_500])
def test_a_huge_comment_fits_and_says_what_it_leaves_out(limit: int) -> None:
    text = markdown(huge(), limit=limit)
    assert len(text) <= limit
    assert "10,000 models are stale" in text
    assert "**10,000** models" in text
    for section in ("Findings", "Data", "Params", "Not known", "Pipeline"):
        cut = {"Not known": "unknowns"}.get(section, section.lower())
        left_out = text.partition("Left out")[2]
        assert f"<b>{section}</b>" in text or cut in left_out
    assert text.count("<details>") == text.count("</details>")
    assert text.count("```") % 2 == 0
    assert read(text).rows


def test_what_gives_way_does_so_in_a_fixed_order() -> None:
    order = []
    report = huge(100)
    for limit in range(30_000, 1_000, -500):
        left_out = markdown(report, limit=limit).partition("Left out")[2]
        order.append([name for name in CUT_ORDER if name in left_out.partition("All of it")[0]])
    for earlier, later in pairwise(order):
        assert set(earlier) <= set(later)
    assert order[-1][-1] == "picture"
