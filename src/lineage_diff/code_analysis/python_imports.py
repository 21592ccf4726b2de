"""Resolve an import to the repository's files that it runs, as Python does."""

import sys
from collections.abc import Collection, Iterator

from lineage_diff.code_analysis.python_source import ImportedName
from lineage_diff.lineage.paths import folder_of, join


def module_paths(
    imported: ImportedName, importer: str, roots: tuple[str, ...], files: Collection[str]
) -> Iterator[str]:
    """Yield the files that an import runs: the module, imported submodules, and packages.

    `importer` is the importing file. `roots` are the folders of `sys.path` in the repository; the
    first is the one that Python itself adds.
    """
    parts = imported.module.split(".") if imported.module else []
    if imported.level:
        folder = folder_of(importer)
        for _ in range(imported.level - 1):
            if not folder:
                return
            folder = folder_of(folder)
        yield from _below(folder, parts, imported.names, files)
        return
    for position, root in enumerate(roots):
        top = join(root, parts[0])
        is_package = f"{top}/__init__.py" in files
        if position and (parts[0] in sys.stdlib_module_names or not is_package):
            continue
        # An installed package takes precedence over a folder without `__init__.py`.
        found = list(_below(root, parts, imported.names, files))
        if found and (is_package or f"{top}.py" in files or len(parts) > 1 or imported.names):
            yield from found
            return


def run_module(
    folder: str, name: str, roots: tuple[str, ...], files: Collection[str]
) -> str | None:
    """Return the file that `python -m name` runs in a folder: a module or its `__main__`."""
    for root in dict.fromkeys((folder, *roots)):
        path = join(root, name.replace(".", "/"))
        for candidate in (f"{path}.py", f"{path}/__main__.py"):
            if candidate in files:
                return candidate
    return None


def _below(
    folder: str, parts: list[str], names: tuple[str, ...], files: Collection[str]
) -> Iterator[str]:
    found: list[str] = []
    path = folder
    for position, part in enumerate(parts):
        path = join(path, part)
        package = f"{path}/__init__.py"
        if package in files:
            found.append(package)
        elif position == len(parts) - 1 and f"{path}.py" in files:
            found.append(f"{path}.py")
            yield from found
            return
    inner = [_module(join(path, name), files) for name in names]
    modules = [module for module in inner if module is not None]
    # Only parent packages were found, not the module: the import finds something else.
    if modules or not parts or f"{path}/__init__.py" in files:
        if not parts and f"{path}/__init__.py" in files:
            found.append(f"{path}/__init__.py")
        yield from (*found, *modules)


def _module(path: str, files: Collection[str]) -> str | None:
    for candidate in (f"{path}/__init__.py", f"{path}.py"):
        if candidate in files:
            return candidate
    return None
