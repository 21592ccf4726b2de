"""The lines of the keys of values files."""

import pytest

from lineage_diff import limits
from lineage_diff.dvc.value_lines import lines_of, value_lines
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
    assert value_lines(snapshot, asked) == {"a.json": {"x": 1}, "link.json": {"x": 1}}
    monkeypatch.setattr(limits, "VALUE_LINES_BYTES", 8)
    assert value_lines(snapshot, asked) == {"a.json": {"x": 1}}
