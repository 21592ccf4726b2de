"""Edits of what `dvc.yaml` declares. Each says whether there was one to make."""

import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import yaml

from fuzz.pull_request.inputs import Edit, bodies, inputs, named
from fuzz.pull_request.project import PIPELINE, Data, Project


class Picked:
    """One stage of a pipeline, to change and write."""

    def __init__(self, project: Project, found: tuple[str, str, Data, Data]) -> None:
        self.project = project
        self.path, self.name, self.data, self.stage = found
        self.lock_path = project.lock_of(self.path)
        self.lock = project.data(self.lock_path)

    @property
    def body(self) -> Data:
        """What the stage, or each stage of its group, declares."""
        return bodies(self.stage)

    def write(self) -> None:
        """Write the pipeline."""
        self.project.write_data(self.path, self.data)

    def write_lock(self) -> None:
        """Write the lock, if there was one."""
        if self.lock:
            self.project.write_data(self.lock_path, self.lock)

    def renamed_entries(self, name: str) -> None:
        """Let the lock entries of the stage have another name."""
        entries = self.lock.get("stages", {})
        self.lock["stages"] = {
            re.sub(rf"^{re.escape(self.name)}(?=@|$)", name, key): entry
            for key, entry in entries.items()
        }


def one_stage(act: Callable[[Picked, Random], bool | None]) -> Edit:
    """Let an edit be that of one stage; an edit that answers false was none."""

    def edit(project: Project, random: Random) -> bool:
        found = list(project.stages())
        return bool(found) and act(Picked(project, random.choice(found)), random) is not False

    return edit


def declared(change: Callable[[Picked, Random], bool | None]) -> Edit:
    """Let an edit be one of what a stage declares, which is written afterwards."""

    def act(picked: Picked, random: Random) -> bool:
        if change(picked, random) is False:
            return False
        picked.write()
        return True

    return one_stage(act)


def _command(picked: Picked, random: Random) -> None:
    picked.body["cmd"] = f"{picked.body.get('cmd')}{random.choice((' && true', ' # x', '  '))}"


def _flag(name: str) -> Callable[[Picked, Random], None]:
    def change(picked: Picked, _random: Random) -> None:
        picked.body[name] = True

    return change


def _without(kind: str) -> Callable[[Picked, Random], bool]:
    def change(picked: Picked, random: Random) -> bool:
        entries = picked.body.get(kind)
        if not isinstance(entries, list) or not entries:
            return False
        entries.pop(random.randrange(len(entries)))
        if not entries:
            del picked.body[kind]
        return True

    return change


def _more_deps(picked: Picked, random: Random) -> None:
    folder = Path(picked.path).parent / str(picked.body.get("wdir", "."))
    up = "../" * len(folder.parts)
    path = random.choice(["README.md", "notes", "nothing.txt", *inputs(picked.project)])
    picked.body.setdefault("deps", []).append(f"{up}{path}")


def _more_params(picked: Picked, random: Random) -> None:
    picked.body.setdefault("params", []).append(random.choice(("seed", "layers", "nothing")))


def _more_outs(picked: Picked, _random: Random) -> None:
    picked.body.setdefault("outs", []).append("extra.bin")


def _other_out(picked: Picked, random: Random, *, locked: bool) -> bool:
    outs = named(picked.body.get("outs"))
    if not outs:
        return False
    old = random.choice(outs)
    new = random.choice((f"{old}.bin", f"other-{Path(old).name}"))
    text = yaml.safe_dump(picked.body.get("outs")).replace(old, new)
    picked.body["outs"] = yaml.safe_load(text)
    if locked:
        for entry in picked.lock.get("stages", {}).values():
            for out in entry.get("outs", []):
                out["path"] = new if out["path"] == old else out["path"]
        picked.write_lock()
    return True


def _other_out_of_both(picked: Picked, random: Random) -> bool:
    return _other_out(picked, random, locked=True)


def _other_out_only(picked: Picked, random: Random) -> bool:
    return _other_out(picked, random, locked=False)


def _other_name(picked: Picked, random: Random) -> None:
    stages = picked.data["stages"]
    new = f"renamed{random.randrange(3)}"
    picked.data["stages"] = {new if key == picked.name else key: stages[key] for key in stages}
    if random.random() < 0.7:
        picked.renamed_entries(new)
        picked.write_lock()


def _swapped_names(picked: Picked, random: Random) -> bool:
    stages = picked.data["stages"]
    others = [name for name in stages if name != picked.name]
    if not others:
        return False
    other = random.choice(others)
    names = {picked.name: other, other: picked.name}
    picked.data["stages"] = {names.get(key, key): stage for key, stage in stages.items()}
    if random.random() < 0.5:
        entries = picked.lock.get("stages", {})
        picked.lock["stages"] = {
            re.sub(r"^[^@]+", lambda found: names.get(found[0], found[0]), key): entry
            for key, entry in entries.items()
        }
        picked.write_lock()
    return True


def _swapped_bodies(picked: Picked, random: Random) -> bool:
    """Let two stages make each other's outs."""
    stages = picked.data["stages"]
    others = [name for name in stages if name != picked.name]
    if not others:
        return False
    other = bodies(stages[random.choice(others)])
    mine, theirs = picked.body.get("outs"), other.get("outs")
    if not mine or not theirs:
        return False
    picked.body["outs"], other["outs"] = theirs, mine
    return True


def _working_folder(picked: Picked, random: Random) -> bool:
    if "wdir" in picked.body:
        picked.body["wdir"] = random.choice((f"./{picked.body['wdir']}", "."))
    else:
        picked.body["wdir"] = random.choice((".", "./", "src"))
    return True


def _variable(picked: Picked, random: Random) -> bool:
    """Take the command from a variable, which may say something else."""
    command = str(picked.body.get("cmd"))
    if "${" in command:
        return False
    more = random.choice(("", " && true"))
    picked.data["vars"] = [*picked.data.get("vars", []), {"command": f"{command}{more}"}]
    picked.body["cmd"] = "${command}"
    return True


def _group(picked: Picked, random: Random) -> bool:
    """Let a stage be one of a group, or have a group other items."""
    if "foreach" in picked.stage and isinstance(picked.stage["foreach"], list):
        picked.stage["foreach"] = random.choice((["a"], {"a": "a", "b": "b"}, ["b", "a"]))
    elif "matrix" in picked.stage:
        picked.stage["matrix"]["size"] = random.choice(([1], [1, 2, 3], [2, 1]))
    else:
        picked.data["stages"][picked.name] = {"foreach": ["x"], "do": picked.stage}
    return True


def _written_paths(picked: Picked, random: Random) -> bool:
    """Write a path otherwise."""
    kind = random.choice(("deps", "outs"))
    entries = picked.body.get(kind)
    if not isinstance(entries, list) or not entries:
        return False
    index = random.randrange(len(entries))
    entry = entries[index]
    if isinstance(entry, str):
        entries[index] = random.choice((f"./{entry}", f"tools/../{entry}"))
    return isinstance(entry, str)


def _long_outs(picked: Picked, random: Random) -> bool:
    """Write an out with its options, or as a metric or plot."""
    outs = picked.body.get("outs")
    if not isinstance(outs, list) or not outs or not isinstance(outs[-1], str):
        return False
    options = random.choice(({"cache": True}, {"persist": True}, {"desc": "x"}, {"push": False}))
    outs[-1] = {outs[-1]: dict(options)}
    return True


def _kept_by(picked: Picked, _random: Random) -> bool:
    """Let Git keep an out instead of DVC, or the other way round."""
    outs = picked.body.get("outs")
    if not isinstance(outs, list) or not outs:
        return False
    path = named(outs)[-1]
    held = isinstance(outs[-1], dict) and outs[-1][path].get("cache") is False
    outs[-1] = {path: {"cache": held}}
    return True


def _no_model(picked: Picked, _random: Random) -> bool:
    text = yaml.safe_dump(picked.data, sort_keys=False)
    new = text.replace("type: model", "type: dataset")
    picked.data = yaml.safe_load(new)
    return new != text


def _without_artifacts(picked: Picked, _random: Random) -> bool:
    return picked.data.pop("artifacts", None) is not None


def _removed(picked: Picked, random: Random) -> None:
    del picked.data["stages"][picked.name]
    if random.random() < 0.6:
        picked.renamed_entries("")
        picked.lock["stages"].pop("", None)
        picked.write_lock()


def _copied(picked: Picked, _random: Random) -> None:
    """Let another stage do the same for another out."""
    text = yaml.safe_dump(picked.stage)
    for out in named(picked.body.get("outs")):
        text = text.replace(out, f"copy-{Path(out).name}" if "/" not in out else f"{out}-copy")
    picked.data["stages"][f"copy-{picked.name}"] = yaml.safe_load(text)


def _annotated(picked: Picked, _random: Random) -> None:
    picked.body["desc"] = "What it does"
    picked.body["meta"] = {"owner": "team"}


def _full_form(entry: Any) -> Any:
    return entry if isinstance(entry, dict) else {entry: {}}


def _long_form(picked: Picked, _random: Random) -> bool:
    outs = picked.body.get("outs")
    if not isinstance(outs, list):
        return False
    picked.body["outs"] = [_full_form(entry) for entry in outs]
    return True


def laid_out(project: Project, random: Random) -> bool:
    """Write a pipeline in another order or layout, with other quotes."""
    paths = project.pipelines()
    if not paths:
        return False
    path = random.choice(paths)
    options: tuple[dict[str, Any], ...] = (
        {"sort_keys": True},
        {"default_flow_style": True},
        {"default_style": '"'},
        {"indent": 6},
    )
    project.write_data(path, project.data(path), **random.choice(options))
    return True


def commented(project: Project, _random: Random) -> bool:
    """Put comments into each pipeline."""
    for path in project.pipelines():
        text = project.text(path).replace("stages:\n", "# What runs\nstages:  # all\n")
        project.repo.write(path, f"{text}# The end\n")
    return True


def reordered(project: Project, random: Random) -> bool:
    """Put the stages in another order."""
    for path in project.pipelines():
        data = project.data(path)
        if isinstance(data.get("stages"), dict):
            items = list(data["stages"].items())
            random.shuffle(items)
            data["stages"] = dict(items)
            project.write_data(path, data)
    return True


def split(project: Project, random: Random) -> bool:
    """Move a stage and its entry to a pipeline in another folder; it runs at the old place."""
    found = [each for each in project.stages() if each[0] == PIPELINE and "wdir" not in each[3]]
    if not found:
        return False
    picked = Picked(project, random.choice(found))
    if "do" in picked.stage:
        return False
    del picked.data["stages"][picked.name]
    picked.write()
    picked.stage["wdir"] = ".."
    moved = {"stages": {picked.name: picked.stage}, "vars": picked.data.get("vars", [])}
    project.write_data(f"moved/{PIPELINE}", moved)
    entries = picked.lock.get("stages", {})
    mine = {key: entries.pop(key) for key in list(entries) if key.split("@")[0] == picked.name}
    picked.write_lock()
    if random.random() < 0.7:
        project.write_data("moved/dvc.lock", {"schema": "2.0", "stages": mine})
    return True


PIPELINES: dict[str, Edit] = {
    "change-command": declared(_command),
    "freeze": declared(_flag("frozen")),
    "always-changed": declared(_flag("always_changed")),
    "drop-dep": declared(_without("deps")),
    "drop-param": declared(_without("params")),
    "drop-out": declared(_without("outs")),
    "drop-metric": declared(_without("metrics")),
    "add-dep": declared(_more_deps),
    "add-param": declared(_more_params),
    "add-out": declared(_more_outs),
    "rename-out": declared(_other_out_only),
    "rename-out-and-lock": declared(_other_out_of_both),
    "rename-stage": declared(_other_name),
    "swap-names": declared(_swapped_names),
    "swap-outs": declared(_swapped_bodies),
    "wdir": declared(_working_folder),
    "variable": declared(_variable),
    "group": declared(_group),
    "write-paths": declared(_written_paths),
    "out-options": declared(_long_outs),
    "kept-by": declared(_kept_by),
    "no-model": declared(_no_model),
    "no-artifacts": declared(_without_artifacts),
    "remove-stage": declared(_removed),
    "copy-stage": declared(_copied),
    "split": split,
}
HARMLESS_PIPELINES: dict[str, Edit] = {
    "annotate": declared(_annotated),
    "long-outs": declared(_long_form),
    "lay-out": laid_out,
    "comment": commented,
    "reorder": reordered,
}
