"""The page on the architecture names what there is, and folders stay small."""

import re
import runpy
from pathlib import Path

import lineage_diff

PACKAGE = Path(lineage_diff.__file__).parent
ROOT = PACKAGE.parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
MOST_MODULES = 15


def test_every_path_on_the_page_exists() -> None:
    named = set(re.findall(r"`((?:[a-z_]+/)+(?:[a-z_]+\.(?:py|j2|md))?)`", PAGE))
    assert len(named) > 30
    assert {
        path for path in named if not ((PACKAGE / path).exists() or (ROOT / path).exists())
    } == {"forge/NAME/"} & named


def test_every_package_has_a_row() -> None:
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    rows = set(re.findall(r"`(\w+)/`", "\n".join(re.findall(r"^\| `.*", PAGE, re.MULTILINE))))
    assert packages - {"demo"} <= rows


def test_no_folder_holds_more_modules_than_one_reads() -> None:
    folders = {file.parent for file in PACKAGE.rglob("*.py") if "demo" not in file.parts}
    sizes = {
        folder.relative_to(PACKAGE).as_posix(): len(
            [file for file in folder.glob("*.py") if file.name != "__init__.py"]
        )
        for folder in folders
    }
    assert {folder: size for folder, size in sizes.items() if size > MOST_MODULES} == {}


def test_no_test_imports_from_a_test_module() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {line}"
        for file in sorted((ROOT / "tests").rglob("*.py"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.match(r"\s*from tests\.([a-z_]+\.)*test_", line)
    ]
    assert found == []


def test_the_modules_and_tests_of_the_mutants_exist() -> None:
    for modules, tests in runpy.run_path(str(ROOT / "bench" / "mutants.py"))["GROUPS"].values():
        assert [name for name in modules.split() if not (PACKAGE / f"{name}.py").exists()] == []
        assert [name for name in tests.split() if not (ROOT / f"tests/{name}.py").exists()] == []
