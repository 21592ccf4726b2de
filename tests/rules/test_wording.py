"""A reason in words never reads as if both sides were the same."""

from typing import Any

import pytest
from msgspec.structs import replace

from lineage_diff.report.reasons import KeyChange, Reason
from lineage_diff.rules.wording import reason_text, related_lines

LONG = "x" * 100


@pytest.mark.parametrize(
    ("here", "locked", "text"),
    [
        (3, 2, "`p` is `3` here; `train` last ran on `2`"),
        (
            LONG + "a",
            LONG + "b",
            f"`p` is `{'x' * 39}…{'x' * 19}a` here; `train` last ran on `{'x' * 39}…{'x' * 19}b`",
        ),
        ("md5:abc1", "md5:abc2", "`p` is `md5:abc1` here; `train` last ran on `md5:abc2`"),
        (3, None, "`p` is `3` here; `train` last ran on `null`"),
        ("1", 1, '`p` is `"1"` here; `train` last ran on `1`'),
        (True, "true", '`p` is `true` here; `train` last ran on `"true"`'),
    ],
)
def test_a_changed_param(here: Any, locked: Any, text: str) -> None:
    assert reason_text(Reason("param-changed", "p", here, locked), "dvc.yaml:train") == text


def _keys(*keys: KeyChange, more: int = 0) -> Reason:
    return Reason("param-changed", "p:m", {}, {}, file="p", line=3, keys=keys, omitted_keys=more)


A = KeyChange("p:m.a", "modified", 1, 2, 3)
B = KeyChange("p:m.b", "added", None, "x", 4)
C = KeyChange("p:m.c", "removed", 5, None, 2)


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (_keys(A), "`p:m.a` is `2` here; `train` last ran on `1`"),
        (_keys(B), "`p:m.b` was added to `train` after it last ran"),
        (_keys(C), "`p:m.c` was removed after `train` last ran"),
        (_keys(A, B), "`p:m.a` `1` → `2`, `m.b` added, `x` since `train` last ran"),
        (
            _keys(A, B, C, A, more=7),
            "`p:m.a` `1` → `2`, `m.b` added, `x`, `m.c` removed, was `5` and 8 more keys since "
            "`train` last ran",
        ),
    ],
)
def test_the_keys_of_a_changed_mapping(reason: Reason, text: str) -> None:
    assert reason_text(reason, "dvc.yaml:train") == text


def test_each_further_param_has_its_own_line() -> None:
    other = Reason("param-changed", "p:x", 2, 1, file="p", line=9)
    code = Reason("dep-changed", "t.py", "md5:a", "md5:b", file="dvc.yaml", line=1)
    lines = related_lines([_keys(A, B), code, other], "dvc.yaml:train")
    assert [(item.file, item.line) for item in lines] == [("p", 4), ("p", 9)]
    assert lines[1].message == "`p:x` is `2` here; `train` last ran on `1`"
    many = _keys(*(KeyChange(f"p:m.{n}", "modified", 0, 1, n) for n in range(1, 30)))
    assert len(related_lines([many], "dvc.yaml:train")) == 10
    assert related_lines([replace(other, line=None)], "dvc.yaml:train") == ()
