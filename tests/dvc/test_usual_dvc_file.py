"""`.dvc` files with one usual out, held equal to what the general reader makes of them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage_diff.dvc.pipeline import dvc_file
from lineage_diff.dvc.pipeline.dvc_file import read_dvc_file, usual_dvc_file
from lineage_diff.errors import InputError
from lineage_diff.limits import Limits
from lineage_diff.parsing.work_budget import TooMuchWorkError, WorkBudget

MD5 = "a304afb96060aad90176268345e10355"
USUAL = {
    "as DVC 3 writes it": f"- md5: {MD5}\n  size: 12\n  hash: md5\n  path: data.csv",
    "as DVC 2 writes it": f"- md5: {MD5}\n  size: 12\n  path: data.csv",
    "a folder": f"- md5: {MD5}.dir\n  size: 12\n  nfiles: 3\n  hash: md5\n  path: data",
    "the path first": f"- path: a/../b.csv\n  md5: {MD5}\n  size: 0",
    "no size": f"- md5: 0{MD5[1:]}\n  path: ./0.csv",
}
UNUSUAL = {
    "a field twice": f"- md5: {MD5}\n  size: 12\n  path: a\n  path: b",
    "two outs": f"- md5: {MD5}\n  size: 12\n- path: a",
    "two outs with one field each": f"- md5: {MD5}\n- path: a",
    "a hash that is a number": f"- md5: {'1' * 32}\n  path: a",
    "a hash that is a float": "- md5: 12e12345\n  path: a",
    "a hash that is a binary number": "- md5: 0b111111111\n  path: a",
    "a path that is a number": f"- md5: {MD5}\n  path: 0x1f",
    "a path that is a date": f"- md5: {MD5}\n  path: 2001-01-01",
    "a path that is true": f"- md5: {MD5}\n  path: true",
    "a path outside": f"- md5: {MD5}\n  path: ../../a",
    "an absolute path": f"- md5: {MD5}\n  path: /a",
    "no path": f"- md5: {MD5}\n  size: 12",
    "an octal size": f"- md5: {MD5}\n  size: 010\n  path: a",
    "another hash": f"- md5: {MD5}\n  hash: etag\n  path: a",
    "a flag": f"- md5: {MD5}\n  cache: false\n  path: a",
    "a comment": f"- md5: {MD5}\n  path: a\n# b",
    "windows": f"- md5: {MD5}\r\n  path: a\r",
}


def both(text: str) -> list[Any]:
    """Return what `read_dvc_file` gives with the fast path and without, with the steps left."""
    found: list[Any] = []
    for fast in (usual_dvc_file, lambda *_: None):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(dvc_file, "usual_dvc_file", fast)
            work = WorkBudget()
            try:
                found.append((read_dvc_file(text.encode(), "data/a.dvc", work), work.left))
            except InputError as error:
                found.append((str(error), work.left))
    return found


@pytest.mark.parametrize("out", USUAL.values(), ids=USUAL)
def test_a_usual_file_is_read_at_once(out: str) -> None:
    text = f"outs:\n{out}\n"
    assert usual_dvc_file(text.encode(), "data/a.dvc") is not None
    fast, general = both(text)
    assert fast == general


@pytest.mark.parametrize("out", UNUSUAL.values(), ids=UNUSUAL)
def test_any_other_file_is_left(out: str) -> None:
    text = f"outs:\n{out}\n"
    assert usual_dvc_file(text.encode(), "data/a.dvc") is None


FIELDS = st.one_of(
    st.from_regex(r"md5: [0-9a-f]{1,6}(\.dir)?", fullmatch=True),
    st.from_regex(r"md5: [01]?[be]?[01]{3,9}", fullmatch=True),
    st.from_regex(r"(size|nfiles): [0-9]{1,3}", fullmatch=True),
    st.just("hash: md5"),
    st.from_regex(r"path: [a-z0-9._/+\-]{1,6}", fullmatch=True),
)


@given(
    st.lists(FIELDS, min_size=2, max_size=5, unique_by=lambda field: field[:3])
    | st.lists(FIELDS, min_size=1, max_size=5),
    st.sampled_from([9, 9, 1, 2]),
)
@settings(max_examples=200, deadline=None)
def test_random_fields_are_what_the_general_reader_makes_of_them(
    fields: list[str], second: int
) -> None:
    rows = [f"{'- ' if row in (0, second) else '  '}{field}\n" for row, field in enumerate(fields)]
    fast, general = both("outs:\n" + "".join(rows))
    assert fast == general


def test_it_keeps_to_the_limits_and_the_budget() -> None:
    text = f"outs:\n{USUAL['as DVC 3 writes it']}\n".encode()
    assert usual_dvc_file(text, "a.dvc", WorkBudget(Limits(yaml_nodes=9))) is None
    with pytest.raises(TooMuchWorkError):
        usual_dvc_file(text, "a.dvc", WorkBudget(Limits(work_steps=100)))


def test_a_text_made_to_be_slow_is_left_soon() -> None:
    for part in ("1", "e", "1e", "a/"):
        text = f"outs:\n- md5: {part * 1_000_000}\n  path: {part * 1_000_000}\n".encode()
        assert usual_dvc_file(text, "a.dvc") is None
