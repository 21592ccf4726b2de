"""Hashes, held against those of DVC's own library."""

import hashlib
import io

import pytest
from dvc_data.hashfile.hash import fobj_md5
from dvc_data.hashfile.hash_info import HashInfo
from dvc_data.hashfile.meta import Meta
from dvc_data.hashfile.tree import Tree
from hypothesis import example, given
from hypothesis import strategies as st

from lineage_diff.dvc.hashes import ALGORITHMS, LINE_ENDS, file_hash, folder_hash, with_line_ends

lines = st.lists(st.sampled_from([b"a", b"\r\n", b"\n", b"\r", b"\x00", b"\xff\xfe", b"text "]))
contents = st.binary(max_size=2000) | lines.map(b"".join)


@given(contents, st.sampled_from(sorted(ALGORITHMS)))
@example(b"", "md5-dos2unix")
@example(b"\x00abc\r\n", "md5-dos2unix")
@example(b"abcdefg\x01\x02\x03\r\n", "md5-dos2unix")
@example(b"abcdefg\x01\x02\x03\x04\r\n", "md5-dos2unix")
@example(b"x" * 512 + b"\x00\r\n", "md5-dos2unix")
@example(b"x" * 511 + b"\x00\r\n", "md5-dos2unix")
@example(b"x" * (2**20 - 1) + b"\r\n" + b"y" * 10, "md5-dos2unix")
@example(b"x" * 2**20 + b"\x00\r\n", "md5-dos2unix")
def test_a_file_hashes_as_in_dvc(content: bytes, algorithm: str) -> None:
    assert file_hash(content, algorithm) == fobj_md5(io.BytesIO(content), name=algorithm)


def test_a_python_that_forbids_md5_for_security_hashes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one in FIPS mode does."""
    md5 = hashlib.md5

    def strict(data: bytes = b"", *, usedforsecurity: bool = True) -> object:
        if usedforsecurity:
            raise ValueError("disabled for FIPS")
        return md5(data, usedforsecurity=False)

    monkeypatch.setattr(hashlib, "md5", strict)
    for content in (b"a", b"a\r\n"):
        assert file_hash(content, "md5-dos2unix", strict) == md5(b"a\n"[: len(content)]).hexdigest()
    assert folder_hash({}) == f"{md5(b'[]').hexdigest()}.dir"


names = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1)
paths = st.lists(names, min_size=1, max_size=3).map("/".join)


@given(st.dictionaries(paths, st.binary(min_size=4, max_size=4).map(bytes.hex), max_size=6))
def test_a_folder_hashes_as_in_dvc(files: dict[str, str]) -> None:
    tree = Tree()
    for path, value in files.items():
        tree.add(tuple(path.split("/")), Meta(), HashInfo("md5", value))
    tree.digest()
    assert tree.hash_info is not None
    assert folder_hash(files) == tree.hash_info.value


@pytest.mark.parametrize(
    ("content", "unix", "dos"),
    [
        (b"a\nb\n", b"a\nb\n", b"a\r\nb\r\n"),
        (b"a\r\nb\r\n", b"a\nb\n", b"a\r\nb\r\n"),
        (b"a\r\nb\n", b"a\nb\n", b"a\r\nb\r\n"),
        (b"a\n\r\nb", b"a\n\nb", b"a\r\n\r\nb"),
        (b"one line", b"one line", b"one line"),
        (b"old\rmac\r", b"old\rmac\r", b"old\rmac\r"),
        (b"\x00\n", b"\x00\n", b"\x00\n"),
        (b"\x00\r\n", b"\x00\r\n", b"\x00\r\n"),
        (b"", b"", b""),
    ],
)
def test_text_has_other_line_ends(content: bytes, unix: bytes, dos: bytes) -> None:
    assert [with_line_ends(content, ends) for ends in LINE_ENDS] == [unix, dos]
