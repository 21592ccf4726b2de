"""Compiled templates are kept as Python keeps its modules, and never outlive their sources."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jinja2 import Environment
from jinja2.nodes import Assign, Const, FromImport, Macro, Name, Template

from lineage_diff.render import templates


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    copy = tmp_path / "templates"
    shutil.copytree(templates.folder(), copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "hello.md.j2").write_text("Hello {{ who }}")
    monkeypatch.setattr(templates, "folder", lambda: copy)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    # Another test may have rendered before, from the folder of the templates itself.
    templates._environment.cache_clear()
    yield copy
    templates._environment.cache_clear()


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which each compilation adds its name."""
    names: list[str] = []
    parse = Environment._parse

    def counted(self: Environment, source: str, name: str | None, filename: str | None) -> Template:
        names.append(str(name))
        return parse(self, source, name, filename)

    monkeypatch.setattr(Environment, "_parse", counted)
    return names


def render_anew() -> str:
    """Render as a new process does."""
    templates._environment.cache_clear()
    try:
        return templates.render("hello.md.j2", who="me")
    finally:
        templates._environment.cache_clear()


def test_a_second_process_compiles_nothing(folder: Path, compiled: list[str]) -> None:
    assert [render_anew(), render_anew()] == ["Hello me"] * 2
    assert compiled == ["hello.md.j2"]


def _change_the_text(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "hello.md.j2").write_text("Bye {{ who }}")


def _change_the_program(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "__version__", "0.0.0")


def _change_a_filter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "render").mkdir()
    (folder / "render" / "filters.py").touch()
    monkeypatch.setattr(templates, "PACKAGE", folder)


def _damage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in (folder / "__pycache__").iterdir():
        file.write_bytes(b"damaged")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (_change_the_text, "Bye me"),
        (_change_the_program, "Hello me"),
        (_change_a_filter, "Hello me"),
        (_damage, "Hello me"),
    ],
)
def test_what_changed_is_compiled_again(
    change: Callable[[Path, pytest.MonkeyPatch], None],
    text: str,
    folder: Path,
    compiled: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    render_anew()
    change(folder, monkeypatch)
    assert render_anew() == text
    assert compiled == ["hello.md.j2"] * 2


def test_nothing_is_written_where_python_writes_no_modules(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert render_anew() == "Hello me"
    assert not (folder / "__pycache__").exists()


def test_a_folder_that_cannot_be_written_is_no_error(folder: Path) -> None:
    # Also for root, whom no mode stops.
    (folder / "__pycache__").symlink_to(folder / "missing" / "folder")
    assert render_anew() == "Hello me"


def test_all_are_compiled_for_their_targets(folder: Path, compiled: list[str]) -> None:
    templates.compile_all()
    templates._environment.cache_clear()
    names = [os.fspath(path.relative_to(folder)) for path in folder.rglob("*.j2")]
    assert set(names) <= set(compiled)
    compiled.clear()
    assert render_anew() == "Hello me"
    assert compiled == []


def test_each_imported_macro_exists() -> None:
    # A name that is not there is an error only where it is used.
    parser = Environment(autoescape=True)
    parsed = {
        os.fspath(path.relative_to(templates.folder())): parser.parse(path.read_text())
        for path in templates.folder().rglob("*.j2")
    }
    macros = {
        name: {macro.name for macro in tree.find_all(Macro)}
        | {target.name for item in tree.find_all(Assign) for target in item.find_all(Name)}
        for name, tree in parsed.items()
    }
    missing = [
        (name, item)
        for name, tree in parsed.items()
        for found in tree.find_all(FromImport)
        for item in found.names
        if isinstance(found.template, Const)
        and (item if isinstance(item, str) else item[0]) not in macros[found.template.value]
    ]
    assert missing == []
