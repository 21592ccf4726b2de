"""The tier of a test, by its module's imports and its fixtures."""

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
_DEFINITION = re.compile(r"^(?:@|def |async def |class )", re.MULTILINE)

# By marker: modules that bring such a thing, fixtures that start it, folders and files of it alone.
TIERS: dict[str, tuple[set[str], set[str], set[str]]] = {
    "dvc": (
        {
            "dvc",
            "tests.support.dvc_repo",
            "tests.support.dvc_repos",
            "tests.support.dvc_shell",
            "tests.support.stored_repo",
        },
        {"built", "demo", "pushed", "shell", "stored"},
        {"oracle"},
    ),
    "browser": (
        {"playwright", "tests.support.chromium", "tests.support.mermaid", "tests.support.pages"},
        {"chrome"},
        set(),
    ),
    "container": ({"tests.container"}, {"image"}, {"container"}),
    "server": (
        {
            "http.server",
            "tests.support.assistant",
            "tests.support.azure_server",
            "tests.support.github",
            "tests.support.lineage_server",
            "tests.support.mlflow_server",
            "tests.support.object_server",
            "tests.support.raw_http",
            "tests.support.s3_server",
            "tests.support.sshd",
        },
        {"asked", "github", "place", "scene", "world"},
        {"fetch", "stand_in"},
    ),
    "registry": (set(), {"installed"}, {"packaging"}),
    "drawing": (
        {
            "lineage_diff.github_action.images",
            "lineage_diff.render.plots.contact_sheet",
            "lineage_diff.render.plots.images",
        },
        set(),
        set(),
    ),
    "gto": ({"gto", "tests.support.promotion_repo"}, set(), set()),
    "hook": (set(), {"hooked"}, set()),
    "tables": (
        {
            "deltalake",
            "distributed",
            "lineage_diff.organization.delta",
            "tests.support.organization",
        },
        set(),
        set(),
    ),
    "command": (
        set(),
        set(),
        {
            "app/test_auditing.py",
            "app/test_experiments.py",
            "app/test_in_use.py",
            "app/test_limits.py",
            "app/test_names.py",
            "app/test_owners.py",
            "diff/test_causes.py",
            "diff/test_graph.py",
            "diff/test_metric_regressed.py",
            "diff/test_whole_changes.py",
            "freshness/test_reasons.py",
            "freshness/test_settled_by_history.py",
            "test_written.py",
        },
    ),
    "slow": (
        {"fuzz", "tests.hostile.runs"},
        set(),
        {
            "app/test_evidence.py",
            "catalog/test_cyclonedx.py",
            "conventions/test_skips.py",
            "fuzz",
            "git/test_quick_commit.py",
            "history/test_metric_noise.py",
            "hostile/test_base_tip.py",
            "parsing/test_usual_yaml.py",
            "render/test_huge_comment.py",
            "render/test_templates.py",
            "test_atomic_files.py",
        },
    ),
}


def tiers_of(file: Path, fixtures: set[str]) -> set[str]:
    """Return the markers of a test in a file that asks for these fixtures."""
    path = file.relative_to(TESTS)
    places = {path.as_posix(), path.parts[0]}
    imported = _imported(file)
    return {
        name
        for name, (modules, started, whole) in TIERS.items()
        if places & whole or started & fixtures or modules & imported
    }


def _head(text: str) -> ast.Module:
    """Parse a module down to its first function or class: imports stand above it (ruff, E402)."""
    head, *_ = _DEFINITION.split(text, maxsplit=1)
    try:
        return ast.parse(head)
    except SyntaxError:
        # It was cut in a text that shows Python.
        return ast.parse(text)


@cache
def _imported(file: Path) -> frozenset[str]:
    """Return the modules that a file imports at its top, and the packages above them."""
    found: set[str] = set()
    for node in _head(file.read_text(encoding="utf-8")).body:
        names = [item.name for item in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            names = [node.module, *(f"{node.module}.{item.name}" for item in node.names)]
        for name in names:
            parts = name.split(".")
            found.update(".".join(parts[:size]) for size in range(1, len(parts) + 1))
    # Tables of cases stand in modules of their own.
    for name in sorted(found):
        cases = TESTS.parent / f"{name.replace('.', '/')}.py"
        if name.startswith("tests.") and name.endswith("_cases") and cases.is_file():
            found |= _imported(cases)
    return frozenset(found)
