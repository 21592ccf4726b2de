"""The lines of the keys of values files."""

import pytest

from lineage_diff import limits
from lineage_diff.dvc.value_lines import lines_of, toml_lines, value_lines
from lineage_diff.git.repository import open_repository
from lineage_diff.limits import USUAL
from tests.support.git_repo import GitRepo


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('{"a": 1,\n "b": {\n\t"c": 2}}', {"a": 1, "b": 2, "b.c": 3}),
        ("# x\na: 1\nb:\n  c: 2\n", {"a": 2, "b": 3, "b.c": 4}),
        ("a:\n- 1\n- b: 2\n", {"a": 1, "a.0": 2, "a.1": 3, "a.1.b": 3}),
        ("1: x\ntrue: y\n", {"1": 1, "true": 2}),
        ("a: &x {b: 1}\nc: *x\n", {"a": 1, "a.b": 1, "c": 2}),
        ("a: {\n", {}),
        ("a: &x [*x]\n", {}),
        ("[" * 500, {}),
        ("0.9", {}),
        ("", {}),
        (b"\xff", {}),
    ],
)
def test_lines_of_one_file(text: str | bytes, lines: dict[str, int]) -> None:
    assert lines_of(text.encode() if isinstance(text, str) else text, USUAL.yaml_nodes) == lines


TOML = """# x
title = "a"  # [no table]
[model]
depth = 3
'quoted key' = 1
sizes = [
  64,  # one
  [1,
   2],
]
text = '''
depth = 9
[none]
'''
opt.lr = {rate = 1, steps = [1, 2]}
[a.b]
x = 1
[[layers]]
units = 1
[[layers]]
units = 2
[layers.more]
z = 1
"""


def test_lines_of_toml() -> None:
    lines = {
        "title": 2,
        "model": 3,
        "model.depth": 4,
        "model.quoted key": 5,
        "model.sizes": 6,
        "model.sizes.0": 6,
        "model.sizes.1": 6,
        "model.sizes.1.0": 6,
        "model.sizes.1.1": 6,
        "model.text": 11,
        "model.opt": 15,
        "model.opt.lr": 15,
        "model.opt.lr.rate": 15,
        "model.opt.lr.steps": 15,
        "model.opt.lr.steps.0": 15,
        "model.opt.lr.steps.1": 15,
        "a": 16,
        "a.b": 16,
        "a.b.x": 17,
        "layers": 18,
        "layers.0": 18,
        "layers.0.units": 19,
        "layers.1": 20,
        "layers.1.units": 21,
        "layers.1.more": 22,
        "layers.1.more.z": 23,
    }
    assert toml_lines(TOML.encode(), "p.toml") == lines
    assert toml_lines(TOML.replace("\n", "\r\n").encode(), "p.toml") == lines


@pytest.mark.parametrize("text", [b"x = ", b"\xff", b"x = 1\nx = 2\n", b""])
def test_what_is_no_toml_has_no_lines(text: bytes) -> None:
    assert toml_lines(text, "p.toml") == {}


def test_a_toml_file_that_takes_too_long_has_no_lines() -> None:
    # Each line may end the value, so all above it is read again: 200 MB, of 4 that are allowed.
    nested = "x = [\n" + f'["{"a" * 10_000}"],\n' * 200 + "]\n"
    assert toml_lines(nested.encode(), "p.toml") == {}
    flat = "x = [\n" + "1,\n" * 5_000 + "]\ny = 1\n"
    assert toml_lines(flat.encode(), "p.toml")["y"] == 5_003


def test_files_that_tell_no_line_are_left_out(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_repo.write("a.json", '{"x": 1}')
    git_repo.write("b.toml", "x = 1\n")
    git_repo.write("folder/c.json", '{"x": 1}')
    git_repo.symlink("link.json", "folder/c.json")
    git_repo.symlink("out.json", "/etc/hostname")
    snapshot = open_repository(git_repo.path).snapshot(git_repo.commit())
    asked = ("a.json", "b.toml", "folder", "link.json", "out.json", "none.json")
    assert value_lines(snapshot, asked) == {
        "a.json": {"x": 1},
        "b.toml": {"x": 1},
        "link.json": {"x": 1},
    }
    monkeypatch.setattr(limits, "VALUE_LINES_BYTES", 8)
    assert value_lines(snapshot, asked) == {"a.json": {"x": 1}}
