"""Imports are at the top. Those in a function are few, and each says what it saves."""

import ast
import re
from functools import cache
from pathlib import Path

import lineage_diff

PACKAGE = Path(lineage_diff.__file__).parent
# Of ours, the modules that import others of ours where these are needed and no earlier.
DOORS = {
    "config/loader.py",
    "dvc/lineage_reader.py",
    "github_action/audit_commit.py",
    "github_action/compare_commits.py",
    "github_action/dispatch.py",
    "github_action/publish.py",
    "github_action/runner/git_fetch.py",
    "history/reader.py",
    "mlflow/lookup.py",
    "render/exports/sarif.py",
    "render/templates.py",
    "render/terminal.py",
}
# Not yet looked through for it.
LEFT = ("app/", "cli/", "demo/", "dvc/pipeline/", "git/repository.py", "render/formats.py")


# An import that is not at the start of a line: after spaces, a colon or a semicolon.
_MAY_BE_LATE = re.compile(r"(?:^[ \t]+|[:;][ \t]*)(?:import|from)\b", re.MULTILINE)


@cache
def lazy_imports(text: str) -> list[ast.Import | ast.ImportFrom]:
    """Return the imports in the bodies of functions, in the order of their lines."""
    # Most modules have none, and to parse all takes a second.
    if not _MAY_BE_LATE.search(text):
        return []
    found = {
        node.lineno: node
        for function in ast.walk(ast.parse(text))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    return [found[line] for line in sorted(found)]


def sources() -> dict[str, str]:
    paths = {file.relative_to(PACKAGE).as_posix(): file for file in PACKAGE.rglob("*.py")}
    return {
        path: file.read_text(encoding="utf-8")
        for path, file in sorted(paths.items())
        if not path.startswith(LEFT)
    }


def test_modules_of_ours_are_imported_late_at_few_doors() -> None:
    late = {
        path
        for path, text in sources().items()
        for node in lazy_imports(text)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lineage_diff")
    }
    assert late == DOORS


def test_each_late_import_says_what_it_saves() -> None:
    """In a comment above it, or above those that it follows without other code between."""
    silent = []
    for path, text in sources().items():
        lines = text.splitlines()
        said = 0
        for node in lazy_imports(text):
            above = node.lineno - 1
            while not lines[above - 1].strip():
                above -= 1
            if above == said or lines[above - 1].lstrip().startswith("#"):
                said = node.end_lineno or node.lineno
            else:
                silent.append(f"{path}:{node.lineno} {lines[node.lineno - 1].strip()}")
    assert silent == []


# A process of its own, whose output is dropped.
_IN_ITS_OWN_PROCESS = "dvc/storage/"


def test_each_module_that_imports_dvc_hides_its_messages() -> None:
    """They hold names from a repository, which a CI system could take for commands."""
    imports = re.compile(r"^[ \t]+from dvc(?:\.\w+)* import |^[ \t]*import dvc\b", re.MULTILINE)
    texts = {
        file.relative_to(PACKAGE).as_posix(): file.read_text(encoding="utf-8")
        for file in PACKAGE.rglob("*.py")
    }
    found = {
        path
        for path, text in texts.items()
        if imports.search(text) and not path.startswith(_IN_ITS_OWN_PROCESS)
    }
    assert len(found) > 3
    assert {path for path in found if "    hide_dvc_messages()\n" not in texts[path]} == set()
