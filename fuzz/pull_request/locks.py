"""Edits of `dvc.lock`, and stages that become something else. Each says whether it was made."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from fuzz.pull_request.inputs import Edit, named, plain
from fuzz.pull_request.pipelines import Picked, one_stage
from fuzz.pull_request.project import Data, Project


def _entries(picked: Picked) -> dict[str, Data]:
    entries = picked.lock.get("stages")
    found = entries if isinstance(entries, dict) else {}
    return {key: entry for key, entry in found.items() if key.split("@")[0] == picked.name}


def one_entry(act: Callable[[Picked, Random, str, Data], bool | None]) -> Edit:
    """Let an edit be that of one lock entry; the lock is written afterwards."""

    def change(picked: Picked, random: Random) -> bool:
        found = _entries(picked)
        if not found:
            return False
        key = random.choice(sorted(found))
        if act(picked, random, key, found[key]) is False:
            return False
        picked.write_lock()
        return True

    return one_stage(change)


def _pick(entry: Data, kind: str, random: Random) -> Data | None:
    listed: list[Data] = entry.get(kind, [])
    return random.choice(listed) if listed else None


def _other_hash(kind: str) -> Callable[[Picked, Random, str, Data], bool]:
    def act(_picked: Picked, random: Random, _key: str, entry: Data) -> bool:
        found = _pick(entry, kind, random)
        if found is None or "md5" not in found:
            return False
        end = ".dir" if str(found["md5"]).endswith(".dir") else ""
        found["md5"] = f"{random.getrandbits(128):032x}{end}"
        return True

    return act


def _hash_of_file(picked: Picked, random: Random, _key: str, entry: Data) -> bool:
    """Write the hash of the file as it is now, as if the stage had run."""
    found = _pick(entry, "deps", random)
    if found is None:
        return False
    (path, *_) = [*plain(picked.project, picked.path, picked.stage, found["path"]), ""]
    if not picked.project.is_file(path):
        return False
    text = (picked.project.root / path).read_bytes()
    found["md5"] = hashlib.md5(text, usedforsecurity=False).hexdigest()
    if random.random() < 0.5:
        found["size"] = len(text)
    return True


def _other_size(_picked: Picked, random: Random, _key: str, entry: Data) -> bool:
    found = _pick(entry, random.choice(("deps", "outs")), random)
    if found is None:
        return False
    found["size"] = random.randrange(10_000)
    return True


def _gone(picked: Picked, _random: Random, key: str, _entry: Data) -> None:
    del picked.lock["stages"][key]


def _to_another(picked: Picked, random: Random, _key: str, entry: Data) -> None:
    picked.lock["stages"][random.choice(sorted(picked.data["stages"]))] = entry


def _without_part(kind: str) -> Callable[[Picked, Random, str, Data], bool]:
    def act(_picked: Picked, random: Random, _key: str, entry: Data) -> bool:
        found = entry.get(kind)
        if not found:
            return False
        if isinstance(found, list):
            found.pop(random.randrange(len(found)))
        else:
            del found[random.choice(sorted(found))]
        return True

    return act


def _other_command(picked: Picked, _random: Random, _key: str, entry: Data) -> None:
    """Change the command in both files."""
    entry["cmd"] = f"{entry.get('cmd')} && true"
    picked.body["cmd"] = f"{picked.body.get('cmd')} && true"
    picked.write()


def _other_value(_picked: Picked, random: Random, _key: str, entry: Data) -> bool:
    files: dict[str, Any] = entry.get("params", {})
    if not files:
        return False
    values = files[random.choice(sorted(files))]
    values[random.choice(sorted(values))] = random.choice((7, 0.25, [8, 4]))
    return True


def of_base(project: Project, random: Random) -> bool:
    """Take a lock from an earlier commit."""
    paths = [path for path in project.files() if path.endswith("dvc.lock")]
    if not paths:
        return False
    path = random.choice(paths)
    commits = project.repo.git("rev-list", "HEAD", "--", path).split()
    if not commits:
        return False
    project.repo.git("checkout", "-q", random.choice(commits), "--", path)
    return True


def no_lock(project: Project, random: Random) -> bool:
    """Remove a lock."""
    paths = [path for path in project.files() if path.endswith("dvc.lock")]
    if paths:
        project.drop(random.choice(paths))
    return bool(paths)


def laid_out_lock(project: Project, random: Random) -> bool:
    """Write a lock in another order or layout."""
    paths = [path for path in project.files() if path.endswith("dvc.lock")]
    if not paths:
        return False
    path = random.choice(paths)
    options = random.choice(({"sort_keys": True}, {"default_flow_style": True}, {"indent": 4}))
    project.write_data(path, project.data(path), **options)
    return True


def _in_dvc_files(*, imported: bool) -> Callable[[Picked, Random], bool]:
    """Let `.dvc` files have the outs of a stage, which is gone."""

    def change(picked: Picked, _random: Random) -> bool:
        found = _entries(picked)
        if not found or "wdir" in picked.body:
            return False
        folder = Path(picked.path).parent
        for key, entry in found.items():
            for out in entry.get("outs", []):
                source = {"url": "https://example.com/x", "rev_lock": "a" * 40}
                text: Data = {"outs": [{**out, "path": Path(out["path"]).name}]}
                if imported:
                    text |= {"frozen": True, "deps": [{"path": "m", "repo": source}]}
                picked.project.write_data(str(folder / f"{out['path']}.dvc"), text)
            del picked.lock["stages"][key]
        del picked.data["stages"][picked.name]
        picked.write()
        picked.write_lock()
        return True

    return change


def _in_git(picked: Picked, random: Random) -> bool:
    """Remove a stage and let Git keep the outs that are there."""
    project, found = picked.project, _entries(picked)
    for key in found:
        if random.random() < 0.8:
            del picked.lock["stages"][key]
    del picked.data["stages"][picked.name]
    picked.write()
    picked.write_lock()
    project.pull()
    for out in named(picked.body.get("outs")):
        for path in plain(project, picked.path, picked.stage, out):
            if (project.root / path).exists():
                project.repo.git("add", "-f", path)
    return True


LOCKS: dict[str, Edit] = {
    "dep-hash": one_entry(_other_hash("deps")),
    "out-hash": one_entry(_other_hash("outs")),
    "hash-of-file": one_entry(_hash_of_file),
    "hash-of-file-2": one_entry(_hash_of_file),
    "lock-size": one_entry(_other_size),
    "drop-entry": one_entry(_gone),
    "entry-to-another": one_entry(_to_another),
    "drop-locked-dep": one_entry(_without_part("deps")),
    "drop-locked-param": one_entry(_without_part("params")),
    "drop-locked-out": one_entry(_without_part("outs")),
    "command-in-both": one_entry(_other_command),
    "lock-param": one_entry(_other_value),
    "earlier-lock": of_base,
    "no-lock": no_lock,
    "dvc-files-for-stage": one_stage(_in_dvc_files(imported=False)),
    "imports-for-stage": one_stage(_in_dvc_files(imported=True)),
    "git-for-stage": one_stage(_in_git),
}
HARMLESS_LOCKS: dict[str, Edit] = {"lay-out-lock": laid_out_lock}
