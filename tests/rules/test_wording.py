"""A reason in words never reads as if both sides were the same."""

from typing import Any

import pytest

from lineage_diff.report.reasons import Reason
from lineage_diff.rules.wording import reason_text

LONG = "x" * 100


@pytest.mark.parametrize(
    ("here", "locked", "text"),
    [
        (3, 2, "`p` is `3` here; `train` last ran on `2`"),
        (LONG + "a", LONG + "b", "`p` differs from what `train` last ran with"),
        ("md5:aabbccdd1", "md5:aabbccdd2", "`p` differs from what `train` last ran with"),
        (3, None, "`p` is `3` here; `train` last ran on not known"),
    ],
)
def test_a_changed_param(here: Any, locked: Any, text: str) -> None:
    assert reason_text(Reason("param-changed", "p", here, locked), "dvc.yaml:train") == text
