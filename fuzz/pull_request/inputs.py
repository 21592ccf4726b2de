"""Edits of what stages take: code, data and params. Each says whether there was one to make."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import yaml

from fuzz.pull_request.project import Data, Project

Edit = Callable[[Project, Random], bool]
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 9\n"
_VARIABLE = re.compile(r"\$\{[^}]*\}")


def bodies(stage: Data) -> Data:
    """Return what a stage, or each stage of a `foreach`, declares."""
    inner = stage.get("do")
    return inner if isinstance(inner, dict) else stage


def named(entries: Any) -> list[str]:
    """Return the paths of a list of deps or outs."""
    listed = entries if isinstance(entries, list) else []
    return [next(iter(entry)) if isinstance(entry, dict) else str(entry) for entry in listed]


def plain(project: Project, pipeline: str, stage: Data, path: str) -> list[str]:
    """Return the paths from the root that a path of a stage may mean: templates match any text."""
    folder = Path(pipeline).parent / str(bodies(stage).get("wdir", "."))
    full = os.path.normpath(folder / path)
    pattern = re.compile(".*".join(re.escape(part) for part in _VARIABLE.split(full)))
    if not _VARIABLE.search(full):
        return [full]
    return [found for found in project.files() if pattern.fullmatch(found)]


def inputs(project: Project) -> list[str]:
    """Return all deps of stages that Git holds: files, and the files of folders."""
    held = set(project.files())
    found = set[str]()
    for pipeline, _, _, stage in project.stages():
        for dep in named(bodies(stage).get("deps")):
            for path in plain(project, pipeline, stage, dep):
                found |= {file for file in held if file == path or file.startswith(f"{path}/")}
    return sorted(path for path in found if not path.endswith((".dvc", ".gitignore", "dvc.lock")))


def one_input(act: Callable[[Project, Random, str], object]) -> Edit:
    """Let an edit be that of one input, which Git holds."""

    def edit(project: Project, random: Random) -> bool:
        found = inputs(project)
        if found:
            act(project, random, random.choice(found))
        return bool(found)

    return edit


def _append(project: Project, random: Random, path: str) -> None:
    (project.root / path).open("a", encoding="utf-8").write(f"# {random.randrange(1000)}\n")


def _beside(project: Project, random: Random, path: str) -> None:
    project.repo.write(str(Path(path).with_name(f"new{random.randrange(9)}.csv")), "new\n")


def _removed(project: Project, _random: Random, path: str) -> None:
    project.drop(path)


def _swapped(project: Project, random: Random, path: str) -> None:
    other = random.choice(inputs(project))
    project.repo.write(path, project.text(other))


def _renamed(project: Project, _random: Random, path: str) -> None:
    (project.root / path).rename(project.root / f"{path}.moved")


def _executable(project: Project, _random: Random, path: str) -> None:
    (project.root / path).chmod(0o755)


def _other_line_ends(project: Project, _random: Random, path: str) -> None:
    text = (project.root / path).read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    project.repo.write(path, text)


def _link_away(project: Project, random: Random, path: str) -> None:
    project.drop(path)
    targets = ("/usr/lib/x", "../../nowhere", "nowhere", Path(path).name)
    project.repo.symlink(path, random.choice(targets))


def _link_to_copy(project: Project, random: Random, path: str) -> None:
    project.repo.write(f"kept/{Path(path).name}", project.text(path) + random.choice(("", "#\n")))
    project.drop(path)
    project.repo.symlink(path, os.path.relpath(f"kept/{Path(path).name}", Path(path).parent))


def _pointer(project: Project, _random: Random, path: str) -> None:
    project.repo.write(path, POINTER)


def _submodule(project: Project, _random: Random, path: str) -> None:
    commit = project.repo.git("rev-parse", "HEAD")
    project.repo.git("rm", "-rqf", "--cached", "--ignore-unmatch", path)
    project.drop(path)
    project.repo.git("init", "-q", path)
    inner = ("-C", path, "-c", "user.name=A", "-c", "user.email=a@example.com")
    project.repo.git(*inner, "commit", "-q", "--allow-empty", "-m", "Inner")
    project.repo.git("update-index", "--add", "--cacheinfo", f"160000,{commit},{path}")


def _folder_for_file(project: Project, _random: Random, path: str) -> None:
    text = project.text(path)
    project.drop(path)
    project.repo.write(f"{path}/{Path(path).name}", text)


def _tracked_by_dvc(project: Project, _random: Random, path: str) -> None:
    project.repo.git("rm", "-q", "--cached", path)
    project.dvc("add", "-q", path)


def _params_files(project: Project) -> list[str]:
    suffixes = ("params.yaml", "conf.json", "settings.py", "whole.yaml")
    return [path for path in project.files() if path.endswith(suffixes)]


def _other_number(random: Random, text: str) -> str:
    """Change one number of a text."""
    found = list(re.finditer(r"\d+(\.\d+)?", text))
    if not found:
        return text
    at = random.choice(found)
    return f"{text[: at.start()]}{random.choice((7, 0.25, 11))}{text[at.end() :]}"


def edit_param(project: Project, random: Random) -> bool:
    """Change one number of a params file, which a stage may take or not."""
    files = _params_files(project)
    if files:
        path = random.choice(files)
        project.repo.write(path, _other_number(random, project.text(path)))
    return bool(files)


def drop_param(project: Project, random: Random) -> bool:
    """Remove a key from a YAML params file."""
    files = [path for path in _params_files(project) if project.data(path)]
    if not files:
        return False
    path = random.choice(files)
    data = project.data(path)
    del data[random.choice(sorted(data))]
    project.write_data(path, data)
    return True


def unread_params(project: Project, random: Random) -> bool:
    """Let a params file be one that is hard or impossible to read."""
    files = _params_files(project)
    if files:
        path = random.choice(files)
        odd = ("z: !x 1\n", f"d: {'[' * 200}{']' * 200}\n", "\x00\n", "lr: 3\n")
        project.repo.write(path, project.text(path) + random.choice(odd))
    return bool(files)


def laid_out_params(project: Project, random: Random) -> bool:
    """Write the params in another order and layout, or as equal numbers."""
    path = "params.yaml"
    data = project.data(path)
    if not data:
        return False
    texts = (
        yaml.safe_dump(data, sort_keys=True, default_flow_style=True),
        json.dumps(data, indent=1),
        f"# A comment\n{project.text(path)}\n",
    )
    project.repo.write(path, random.choice(texts))
    return True


def other_data(project: Project, random: Random) -> bool:
    """Change data that DVC tracks, and let DVC track it anew."""
    project.pull()
    files = [path for path in project.files() if path.endswith(".dvc")]
    files = [path for path in files if (project.root / path.removesuffix(".dvc")).exists()]
    if not files:
        return False
    path = random.choice(files).removesuffix(".dvc")
    inside = sorted(file for file in (project.root / path).rglob("*") if file.is_file())
    file = random.choice(inside) if inside else project.root / path
    text = file.read_bytes()
    file.unlink()
    file.write_bytes(text + b"more\n")
    return project.dvc("add", "-q", path)


def other_hash_of_data(project: Project, random: Random) -> bool:
    """Edit the hash of a `.dvc` file by hand."""
    files = [path for path in project.files() if path.endswith(".dvc")]
    if not files:
        return False
    path = random.choice(files)
    text = re.sub(
        r"md5: ([0-9a-f])", "md5: " + random.choice("0123456789"), project.text(path), count=1
    )
    project.repo.write(path, text)
    return True


def converted(project: Project, random: Random) -> bool:
    """Let Git convert some files."""
    lines = ("*.py text eol=crlf\n", "*.csv filter=nothing\n", "* text=auto\n", "*.py ident\n")
    project.repo.write(".gitattributes", random.choice(lines))
    return True


INPUTS: dict[str, Edit] = {
    "edit-input": one_input(_append),
    "edit-input-2": one_input(_append),
    "edit-input-3": one_input(_append),
    "add-beside-input": one_input(_beside),
    "remove-input": one_input(_removed),
    "swap-input": one_input(_swapped),
    "rename-input": one_input(_renamed),
    "line-ends": one_input(_other_line_ends),
    "link-away": one_input(_link_away),
    "link-to-copy": one_input(_link_to_copy),
    "lfs-pointer": one_input(_pointer),
    "submodule": one_input(_submodule),
    "folder-for-file": one_input(_folder_for_file),
    "input-to-dvc": one_input(_tracked_by_dvc),
    "edit-param": edit_param,
    "drop-param-value": drop_param,
    "unread-params": unread_params,
    "other-data": other_data,
    "other-hash-of-data": other_hash_of_data,
    "converted": converted,
}
HARMLESS_INPUTS: dict[str, Edit] = {
    "executable-input": one_input(_executable),
    "lay-out-params": laid_out_params,
}
