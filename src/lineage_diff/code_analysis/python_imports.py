"""From an import to the files of the repository that it runs, as Python would find them."""

import sys
from collections.abc import Collection, Iterator

from lineage_diff.code_analysis.python_source import ImportedName
from lineage_diff.lineage.paths import folder_of, join


def module_paths(
    imported: ImportedName, importer: str, roots: tuple[str, ...], files: Collection[str]
) -> Iterator[str]:
    """Yield the files that an import runs: the module, those named from it, and the packages.

    `importer` is the importing file; `roots` are the folders of `sys.path` in the repository, the
    first being the one that Python itself puts there.
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
        # A folder without `__init__.py` gives way to an installed package of the same name.
        found = list(_below(root, parts, imported.names, files))
        if found and (is_package or f"{top}.py" in files or len(parts) > 1 or imported.names):
            yield from found
            return


def run_module(
    folder: str, name: str, roots: tuple[str, ...], files: Collection[str]
) -> str | None:
    """Return the file that `python -m name` runs in a folder: the module, or its `__main__`."""
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
    # Nothing but packages on the way to a module that is not here: something else is imported.
    if modules or not parts or f"{path}/__init__.py" in files:
        if not parts and f"{path}/__init__.py" in files:
            found.append(f"{path}/__init__.py")
        yield from (*found, *modules)


def _module(path: str, files: Collection[str]) -> str | None:
    for candidate in (f"{path}/__init__.py", f"{path}.py"):
        if candidate in files:
            return candidate
    return None
