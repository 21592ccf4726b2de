"""Lock files of every age, and the fast reader against the YAML loader."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from lineage_diff.dvc.lock.entry import lock_entry
from lineage_diff.dvc.lock.fast_parser import parse_block
from lineage_diff.dvc.lock.lock_file import LockFile, LockReader
from lineage_diff.errors import InputError
from lineage_diff.lineage.version import Hash, Version
from lineage_diff.parsing.yaml_loader import load_yaml

MD5 = "22a1a2931c8370d3aeedd7183606fd7f"
OLD, NEW = Hash("md5-dos2unix", MD5), Hash("md5", MD5)
LOCK = f"""schema: '2.0'
stages:
  prepare:
    cmd: python src/prepare.py data/data.xml --with some very long options that wrap
      over the line
    deps:
    - path: data/data.xml
      hash: md5
      md5: {MD5}
      size: 14445097
    params:
      params.yaml:
        prepare.seed: 20170428
        prepare.split: 0.20
    outs:
    - path: data/prepared
      hash: md5
      md5: {MD5}.dir
      size: 8437363
      nfiles: 2
  train:
    cmd:
    - python train.py
    - python more.py
    outs:
    - path: model.pkl
      md5: {MD5}
      size: 3
"""


def dump(data: Any) -> str:
    import io

    stream = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.dump(data, stream)
    return stream.getvalue()


def test_a_lock_that_dvc_wrote() -> None:
    lock = LockReader().read(LOCK.encode(), "dvc.lock")
    prepare, train = lock.entries["prepare"], lock.entries["train"]
    assert lock.schema == "2.0"
    assert not lock.problems
    assert prepare.cmd == (
        "python src/prepare.py data/data.xml --with some very long options that wrap over the line"
    )
    assert prepare.deps == {"data/data.xml": Version(Hash("md5", MD5), 14445097)}
    assert prepare.outs == {"data/prepared": Version(Hash("md5", f"{MD5}.dir"), 8437363, 2)}
    assert prepare.params == {"params.yaml": {"prepare.seed": 20170428, "prepare.split": 0.2}}
    assert train.cmd == ("python train.py", "python more.py")
    assert train.outs["model.pkl"].hash == Hash("md5-dos2unix", MD5)
    assert (prepare.line, train.line) == (3, 21)


def test_equal_blocks_are_one_object_in_two_revisions() -> None:
    reader = LockReader()
    first = reader.read(LOCK.encode(), "dvc.lock")
    second = reader.read(LOCK.replace("size: 3", "size: 4").encode(), "dvc.lock")
    assert second.entries["prepare"] is first.entries["prepare"]
    assert second.entries["train"] != first.entries["train"]


def test_a_moved_block_has_its_new_line() -> None:
    reader = LockReader()
    reader.read(LOCK.encode(), "dvc.lock")
    longer = LOCK.replace("  train:", "  new:\n    cmd: x\n  train:")
    assert reader.read(longer.encode(), "dvc.lock").entries["train"].line == 23


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}\n", "~\n", "[]\n"])
def test_an_empty_lock_is_refused_as_dvc_refuses_it(text: str) -> None:
    with pytest.raises(InputError, match="it holds nothing"):
        LockReader().read(text.encode(), "dvc.lock")


def test_a_lock_of_dvc_1_is_read_and_named() -> None:
    text = f"prepare:\n  cmd: x\n  outs:\n  - path: a\n    md5: {MD5}\n"
    lock = LockReader().read(text.encode(), "p/dvc.lock")
    assert lock.entries["prepare"].outs["a"].hash == Hash("md5-dos2unix", MD5)
    assert [(p.rule, p.file) for p in lock.problems] == [("legacy-lock", "p/dvc.lock")]


def test_a_newer_lock_is_named_with_its_line() -> None:
    lock = LockReader().read(b"stages: {}\nschema: '3.0'\n", "p/dvc.lock")
    assert places(lock) == [("newer-lock", "p/dvc.lock", 2)]


def test_one_broken_entry_does_not_hide_the_others() -> None:
    lock = LockReader().read((LOCK + "  bad:\n    deps: 3\n").encode(), "p/dvc.lock")
    assert set(lock.entries) == {"prepare", "train"}
    assert places(lock) == [("invalid-pipeline", "p/dvc.lock", 29)]


BOTH = {"prepare", "train"}


@pytest.mark.parametrize(
    ("added", "place", "entries"),
    [
        ("more: 1\n", ("invalid-pipeline", "p/dvc.lock", 29), BOTH),
        ("  1:\n    cmd: x\n", ("invalid-pipeline", "p/dvc.lock", 29), BOTH | {"1"}),
        (
            "  a:\n<<<<<<< ours\n    cmd: x\n=======\n    cmd: y\n>>>>>>> theirs\n",
            ("lock-conflict", "p/dvc.lock", 30),
            BOTH,
        ),
        ("  a: [\n", ("invalid-pipeline", "p/dvc.lock", 30), {"prepare"}),
    ],
    ids=["foreign key", "a number as name", "conflict", "syntax"],
)
def test_a_problem_has_its_file_and_line_and_the_entries_before_it_stay(
    added: str, place: tuple[str, str, int], entries: set[str]
) -> None:
    lock = LockReader().read((LOCK + added).encode(), "p/dvc.lock")
    assert set(lock.entries) == entries
    assert places(lock) == [place]


def test_datasets_are_no_foreign_key() -> None:
    dataset = {"name": "d", "type": "url", "url": "s3://b/d"}
    text = f"{LOCK}datasets:\n- {{name: d, type: url, url: 's3://b/d'}}\n"
    lock = LockReader().read(text.encode(), "p/dvc.lock")
    assert (set(lock.entries), lock.problems, lock.datasets) == (BOTH, (), {"d": dataset})


def places(lock: LockFile) -> list[tuple[str, str, int | None]]:
    return [(problem.rule, problem.file, problem.line) for problem in lock.problems]


@pytest.mark.parametrize(
    "text", ["- a\n", "schema: '2.0'\nstages: 3\n", "schema: '2.0'\nstages:\n  a: 1\n  a: 2\n"]
)
def test_no_lock_at_all_is_an_error(text: str) -> None:
    with pytest.raises(InputError):
        LockReader().read(text.encode(), "dvc.lock")


def test_windows_line_ends_change_nothing() -> None:
    windows = LockReader().read(LOCK.replace("\n", "\r\n").encode(), "dvc.lock")
    assert windows.entries == LockReader().read(LOCK.encode(), "dvc.lock").entries


@pytest.mark.parametrize(
    ("item", "version"),
    [
        ({"md5": "123"}, Version(Hash("md5-dos2unix", "123"))),
        ({"md5": 12345}, Version(Hash("md5-dos2unix", "12345"))),
        ({"md5": MD5.upper(), "hash": "md5"}, Version(Hash("md5", MD5))),
        ({"etag": "X-1", "size": 3}, Version(Hash("etag", "X-1"), 3)),
        ({"cloud": {"s3": {"version_id": "v", "etag": "e"}}}, Version(Hash("etag", "e"))),
        ({"checksum": "c"}, Version(Hash("checksum", "c"))),
    ],
)
def test_versions_of_every_kind(item: dict[str, Any], version: Version) -> None:
    data = {"schema": "2.0", "stages": {"s": {"cmd": "x", "deps": [{"path": "a", **item}]}}}
    lock = LockReader().read(dump(data).encode(), "dvc.lock")
    assert lock.entries["s"].deps["a"] == version


WORDS = st.text(alphabet="ab1/._-:#'\" {}[],&*!|>%@~e\n", max_size=12)
VALUES = st.one_of(
    WORDS, st.integers(), st.floats(allow_nan=False), st.booleans(), st.none(), st.lists(WORDS)
)
ITEMS = st.lists(
    st.fixed_dictionaries(
        {"path": WORDS},
        optional={"md5": st.one_of(WORDS, st.just(MD5)), "size": VALUES, "hash": st.just("md5")},
    ),
    min_size=1,
    max_size=3,
)
STAGES = st.fixed_dictionaries(
    {"cmd": WORDS},
    optional={
        "deps": ITEMS,
        "outs": ITEMS,
        "params": st.dictionaries(WORDS, st.dictionaries(WORDS, VALUES), max_size=2),
    },
)


def by_yaml(block: str) -> tuple[Any, Any]:
    ((name, item),) = load_yaml(block, "f").items()
    return name, lock_entry(item, None)


@pytest.mark.parametrize(
    ("lines", "version"),
    [
        ([f"    - md5: {MD5}", "      path: a", "      size: 3"], Version(OLD, 3)),
        (["    - path: a", f"      md5: '{MD5}'"], Version(OLD)),
        (["    - path: 'a'", f"      md5: {MD5}", "      hash: md5"], Version(NEW)),
        (["    - path: a", f"      md5: {MD5}", "      isexec: true"], Version(OLD)),
        (["    - path: a", f"      md5: {MD5}", "      nfiles: 2"], Version(OLD, None, 2)),
        (
            ["    - path: a", "      etag: abc", "      version_id: vx"],
            Version(Hash("etag", "abc")),
        ),
        (["    - path: a", "      checksum: abc"], Version(Hash("checksum", "abc"))),
        # A number in base 2, as DVC reads it.
        (
            ["    - path: a", "      md5: 0b1111111", "      size: 3"],
            Version(Hash("md5-dos2unix", "127"), 3),
        ),
    ],
)
@pytest.mark.parametrize("section", ["deps", "outs"])
def test_what_other_tools_rewrote_is_read_by_its_lines_too(
    section: str, lines: list[str], version: Version
) -> None:
    block = "".join(f"{line}\n" for line in ("  s:", "    cmd: x", f"    {section}:", *lines))
    fast = parse_block(block, {})
    assert fast == by_yaml(block)
    assert getattr(fast[1], section) == {"a": version}


@given(WORDS.filter(bool), STAGES)
@settings(max_examples=200, deadline=None)
def test_a_block_by_its_lines_is_what_yaml_makes_of_it(name: str, stage: dict[str, Any]) -> None:
    block = "".join(f"  {line}\n" for line in dump({name: stage}).split("\n") if line)
    fast = parse_block(block, {})
    assert fast is None or repr(fast) == repr(by_yaml(block))


@given(st.integers(0, len(LOCK)), st.integers(0, 3), st.sampled_from("x :#'-\n\"{1~&*"))
@settings(max_examples=400, deadline=None)
def test_a_damaged_block_by_its_lines_is_what_yaml_makes_of_it(at: int, cut: int, add: str) -> None:
    text = LOCK[:at] + add + LOCK[at + cut :]
    for block in ("  " + part for part in text.split("\n  ")[1:]):
        fast = parse_block(block + "\n", {})
        if fast is not None:
            assert repr(fast) == repr(by_yaml(block + "\n"))


def test_a_lock_that_is_no_text_is_named() -> None:
    for reader in (LockReader().read, lambda text, file: LockReader().next(text, file, True)):
        with pytest.raises(InputError) as caught:
            reader(b"\xff\xfe: 1\n", "p/dvc.lock")
        assert caught.value.file == "p/dvc.lock"
