"""What the change itself touches, apart from what was there to tell before it."""

import pytest
from msgspec.structs import replace

from lineage_diff.render.summary import Summary
from lineage_diff.report.findings import Verdict
from lineage_diff.report.report import Report
from tests.support.reports import REPORTS, empty, huge, nothing_changed, stale


def stale_before() -> Report:
    """All that was stale stays so, and one of the findings is told of it again."""
    report = nothing_changed()
    return replace(
        report,
        models=tuple(replace(one, freshness="stale", stale_before=True) for one in report.models),
        stages=tuple(replace(one, freshness="stale", stale_before=True) for one in report.stages),
        findings=stale().findings[-1:],
        verdict=Verdict("success", 0, 1),
    )


@pytest.mark.parametrize(
    ("report", "changed", "touched"),
    [
        (empty(), False, False),
        (nothing_changed(), False, False),
        (stale_before(), True, False),
        (replace(stale_before(), verdict=Verdict("failure", 1, 0)), True, True),
        (REPORTS["small"](), True, True),
        (stale(), True, True),
        (huge(10), True, True),
        *(
            (replace(nothing_changed(), **{key: getattr(REPORTS["small"](), key)}), True, True)
            for key in ("data", "params", "metrics", "plots", "stages", "models")
        ),
    ],
)
def test_touched_is_less_than_all_there_is_to_tell(
    report: Report, changed: bool, touched: bool
) -> None:
    assert (Summary(report).changed, Summary(report).touched) == (changed, touched)
