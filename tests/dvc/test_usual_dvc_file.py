"""`.dvc` files with one usual out, added or imported.

They are held equal to what the general reader makes of them.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage_diff.dvc.pipeline import dvc_file
from lineage_diff.dvc.pipeline.dvc_file import read_dvc_file, usual_dvc_file
from lineage_diff.errors import InputError
from lineage_diff.limits import USUAL as USUAL_LIMITS
from lineage_diff.limits import Limits
from lineage_diff.parsing.work_budget import USUAL_VALUE_STEPS, TooMuchWorkError, WorkBudget
from lineage_diff.parsing.yaml_limits import most_values

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

LOCKED = "f31f5c4cdae787b4bdeb97a717687d44667d9e62"
REPO = f"repo:\n    url: https://github.com/team/data\n    rev_lock: {LOCKED}"
IMPORTS = {
    "as DVC writes it": f"md5: {MD5}\nfrozen: true\ndeps:\n- path: a.csv\n  {REPO}\n",
    "of a tag": "frozen: true\ndeps:\n- path: b/a\n  repo:\n    url: a/b\n    rev: v1.0.0\n",
    "by ssh": "deps:\n- path: a\n  repo:\n    url: git@github.com:team/data.git\n",
    "in quotes": "deps:\n- path: a\n  repo:\n    url: '../data'\n    rev: \"1.0\"\n",
    "in brackets": "deps:\n- path: a\n  repo: {url: https://a/b, rev_lock: abc}\n",
    "with a comment": "deps:\n- path: a\n  repo:\n    url: a # b: c\n    rev_lock: d\n",
}
UNUSUAL_IMPORTS = {
    "another field": "deps:\n- path: a\n  repo:\n    url: a\n    remote: b\n",
    "a field twice": "deps:\n- path: a\n  repo:\n    url: a\n    url: b\n",
    "no address": "deps:\n- path: a\n  repo:\n    rev_lock: abc\n",
    "a revision that is a number": "deps:\n- path: a\n  repo:\n    url: a\n    rev: 1.0\n",
    "no revision": "deps:\n- path: a\n  repo: {url: a, rev: null}\n",
    "a path that is a number": "deps:\n- path: 17\n  repo:\n    url: a\n",
    "a path in quotes": "deps:\n- path: 'a'\n  repo:\n    url: a\n",
    "two deps": "deps:\n- path: a\n  repo:\n    url: a\n- path: b\n",
    "a size": "deps:\n- path: a\n  size: 3\n  repo:\n    url: a\n",
    "no repository": f"deps:\n- path: https://a/b\n  md5: {MD5}\n",
    "a text": "deps:\n- path: a\n  repo: url\n",
    "brackets that stay open": "deps:\n- path: a\n  repo: {url: a, rev: {}\n",
    "brackets of another kind": "deps:\n- path: a\n  repo: {url: [a]}\n",
    "a line break": "deps:\n- path: a\n  repo:\n    url: a\n      b\n    rev: c\n    d\n",
    "a description": "desc: a\ndeps:\n- path: a\n  repo:\n    url: a\n",
    "not ASCII": "deps:\n- path: a\n  repo:\n    url: ä\n",
}


def both(text: str) -> list[Any]:
    """Return what `read_dvc_file` gives with the fast path and without, held to their steps."""
    found: list[Any] = []
    spent: list[int] = []
    for fast in (usual_dvc_file, lambda *_: None):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(dvc_file, "usual_dvc_file", fast)
            work = WorkBudget()
            try:
                found.append(read_dvc_file(text.encode(), "data/a.dvc", work))
            except InputError as error:
                found.append(str(error))
            spent.append(USUAL_LIMITS.work_steps - work.left)
    usual = usual_dvc_file(text.encode(), "data/a.dvc") is not None
    assert spent[0] == (USUAL_VALUE_STEPS * most_values(text) if usual else spent[1])
    return found


def _files(heads: Mapping[str, str], outs: Mapping[str, str]) -> pytest.MarkDecorator:
    pairs = [(f"{head} {out}", heads[head], outs[out]) for head in heads for out in outs]
    texts = [f"{head}outs:\n{out}\n" for _, head, out in pairs]
    return pytest.mark.parametrize("text", texts, ids=[name for name, *_ in pairs])


AS_WRITTEN = {"": USUAL["as DVC 3 writes it"]}


@_files({"": "", **IMPORTS}, USUAL)
def test_a_usual_file_is_read_at_once(text: str) -> None:
    assert usual_dvc_file(text.encode(), "data/a.dvc") is not None
    fast, general = both(text)
    assert fast == general


@_files({"": "", "imported,": IMPORTS["as DVC writes it"]}, UNUSUAL)
def test_a_file_with_another_out_is_left(text: str) -> None:
    assert usual_dvc_file(text.encode(), "data/a.dvc") is None


@_files(UNUSUAL_IMPORTS, AS_WRITTEN)
def test_another_import_is_left(text: str) -> None:
    assert usual_dvc_file(text.encode(), "data/a.dvc") is None


FIELDS = st.one_of(
    st.from_regex(r"md5: [0-9a-f]{1,6}(\.dir)?", fullmatch=True),
    st.from_regex(r"md5: [01]?[be]?[01]{3,9}", fullmatch=True),
    st.from_regex(r"(size|nfiles): [0-9]{1,3}", fullmatch=True),
    st.just("hash: md5"),
    st.from_regex(r"path: [a-z0-9._/+\-]{1,6}", fullmatch=True),
)

VALUES = st.from_regex(r"[a-f0-9.:/@'\"{}\[\], #|>\-~]{1,8}", fullmatch=True) | st.sampled_from(
    ["https://a/b", LOCKED, "1.0", "2001-01-01", "true", "a: b", "'a'", "null"]
)
KEYS = st.sampled_from(["url", "url", "rev", "rev_lock", "remote"])
LINES = st.lists(st.tuples(KEYS, VALUES), min_size=1, max_size=4)
HEADS = st.builds(
    lambda top, path, repo: f"{top}deps:\n- path: {path}\n  repo:{repo}\n",
    st.sampled_from(["", "frozen: true\n", f"md5: {MD5}\nfrozen: true\n", "frozen: false\n"]),
    st.from_regex(r"[a-f0-9._/+\-]{1,6}", fullmatch=True),
    LINES.map(lambda rows: "".join(f"\n    {key}: {value}" for key, value in rows))
    | LINES.map(lambda rows: f" {{{', '.join(f'{key}: {value}' for key, value in rows)}}}"),
)


@given(
    st.lists(FIELDS, min_size=2, max_size=5, unique_by=lambda field: field[:3])
    | st.lists(FIELDS, min_size=1, max_size=5),
    st.sampled_from([9, 9, 1, 2]),
    st.just("") | HEADS,
)
@settings(max_examples=300, deadline=None)
def test_random_fields_are_what_the_general_reader_makes_of_them(
    fields: list[str], second: int, head: str
) -> None:
    rows = [f"{'- ' if row in (0, second) else '  '}{field}\n" for row, field in enumerate(fields)]
    fast, general = both(f"{head}outs:\n" + "".join(rows))
    assert fast == general


@given(HEADS)
@settings(max_examples=300, deadline=None)
def test_random_imports_are_what_the_general_reader_makes_of_them(head: str) -> None:
    fast, general = both(f"{head}outs:\n{USUAL['as DVC 3 writes it']}\n")
    assert fast == general


def test_it_keeps_to_the_limits_and_the_budget() -> None:
    text = f"outs:\n{USUAL['as DVC 3 writes it']}\n".encode()
    assert usual_dvc_file(text, "a.dvc", WorkBudget(Limits(yaml_nodes=9))) is None
    text = IMPORTS["as DVC writes it"].encode() + text
    with pytest.raises(TooMuchWorkError):
        usual_dvc_file(text, "a.dvc", WorkBudget(Limits(work_steps=100)))


def test_a_text_made_to_be_slow_is_left_soon() -> None:
    for part in ("1", "e", "1e", "a/"):
        text = f"outs:\n- md5: {part * 1_000_000}\n  path: {part * 1_000_000}\n".encode()
        assert usual_dvc_file(text, "a.dvc") is None
