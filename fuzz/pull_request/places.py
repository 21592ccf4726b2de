"""Edits of where files are and who sees them, and runs of DVC. Each says whether it was made."""

from pathlib import Path
from random import Random

from fuzz.pull_request.inputs import Edit, inputs
from fuzz.pull_request.project import LOCK, PIPELINE, Project


def _pick(project: Project, random: Random) -> str | None:
    paths = project.pipelines()
    return random.choice(paths) if paths else None


def renamed_pipeline(project: Project, random: Random) -> bool:
    """Give a pipeline a name that DVC does not read."""
    path = _pick(project, random)
    if path is None:
        return False
    name = random.choice(("dvc.yml", "DVC.yaml", "dvc.yaml.bak", "old/dvc.yml"))
    target = project.root / Path(path).with_name("x").parent / name
    target.parent.mkdir(parents=True, exist_ok=True)
    (project.root / path).rename(target)
    if random.random() < 0.3:
        project.drop(project.lock_of(path))
    return True


def removed_pipeline(project: Project, random: Random) -> bool:
    """Remove a pipeline, perhaps with its lock."""
    path = _pick(project, random)
    if path is None:
        return False
    project.drop(path)
    if random.random() < 0.5:
        project.drop(project.lock_of(path))
    return True


def emptied_pipeline(project: Project, random: Random) -> bool:
    """Leave nothing in a pipeline."""
    path = _pick(project, random)
    if path is not None:
        project.repo.write(path, random.choice(("", "stages: {}\n", "# nothing\n")))
    return path is not None


def moved_pipeline(project: Project, random: Random) -> bool:
    """Move a pipeline and its lock to another folder, without anything else."""
    path = _pick(project, random)
    if path is None:
        return False
    (project.root / "elsewhere").mkdir(exist_ok=True)
    for name in (PIPELINE, LOCK) if random.random() < 0.8 else (PIPELINE,):
        file = (project.root / path).with_name(name)
        if file.is_file():
            file.rename(project.root / "elsewhere" / name)
    return True


def moved_folder(project: Project, random: Random) -> bool:
    """Move a folder with all that is in it."""
    folders = sorted({path.split("/")[0] for path in project.files() if "/" in path})
    if not folders:
        return False
    folder = random.choice(folders)
    target = project.root / f"{folder}-moved"
    if target.exists():
        return False
    (project.root / folder).rename(target)
    return True


def dvcignore(project: Project, random: Random) -> bool:
    """Let DVC ignore something."""
    lines = ["dvc.yaml", "*.yaml", "second", "src", "*.csv", "!x", "/data", "*.pkl", "dvc.lock"]
    lines += inputs(project)
    with (project.root / ".dvcignore").open("a", encoding="utf-8") as file:
        file.write(f"{random.choice(lines)}\n")
    return True


def gitignore(project: Project, random: Random) -> bool:
    """Let Git ignore something, which it may hold."""
    lines = ["dvc.yaml", "*.py", "second/", "*.csv", "data/**/*", "*.lock", *inputs(project)]
    with (project.root / ".gitignore").open("a", encoding="utf-8") as file:
        file.write(f"{random.choice(lines)}\n")
    return True


def edited_out(project: Project, random: Random) -> bool:
    """Edit an out that Git keeps."""
    names = ("model.pkl", "score.yaml", "clean.csv")
    found = [path for path in project.files() if Path(path).name in names]
    if found:
        path = random.choice(found)
        project.repo.write(path, f"{project.text(path)}7\n")
    return bool(found)


def no_project(project: Project, _random: Random) -> bool:
    """Remove DVC's own folder."""
    project.repo.git("rm", "-rqf", "--cached", "--ignore-unmatch", ".dvc")
    project.drop(".dvc")
    return True


def reverted(project: Project, _random: Random) -> bool:
    """Put everything back as the change began."""
    project.repo.git("rm", "-rqf", "--ignore-unmatch", ".")
    project.repo.git("checkout", "-q", "start", "--", ".")
    return True


def _names(project: Project) -> list[str]:
    return [name if path == PIPELINE else f"{path}:{name}" for path, name, _, _ in project.stages()]


def run_all(project: Project, _random: Random) -> bool:
    """Run all pipelines."""
    project.pull()
    return project.dvc("repro", "-q", "--all-pipelines")


def run_one(project: Project, random: Random) -> bool:
    """Run one stage alone."""
    names = _names(project)
    project.pull()
    return bool(names) and project.dvc("repro", "-q", "--single-item", random.choice(names))


def run_below(project: Project, random: Random) -> bool:
    """Run one stage and what it needs."""
    names = _names(project)
    project.pull()
    return bool(names) and project.dvc("repro", "-q", random.choice(names))


def commit_one(project: Project, random: Random) -> bool:
    """Take what lies there for the result of one stage."""
    names = _names(project)
    project.pull()
    return bool(names) and project.dvc("commit", "-q", "-f", random.choice(names))


def commit_all(project: Project, _random: Random) -> bool:
    """Take what lies there for the results of all stages."""
    project.pull()
    return project.dvc("commit", "-q", "-f")


def docs(project: Project, random: Random) -> bool:
    """Edit what no stage takes."""
    path = random.choice(("README.md", "notes/plan.md", "tools/unused.py", "notes/new.md"))
    project.repo.write(path, f"{random.random()}\n")
    return True


def ignore_nothing(project: Project, random: Random) -> bool:
    """Add a line to an ignore file that matches nothing."""
    name = random.choice((".dvcignore", ".gitignore"))
    with (project.root / name).open("a", encoding="utf-8") as file:
        file.write("# nothing\nnothing-there/\n")
    return True


PLACES: dict[str, Edit] = {
    "rename-pipeline": renamed_pipeline,
    "remove-pipeline": removed_pipeline,
    "empty-pipeline": emptied_pipeline,
    "move-pipeline": moved_pipeline,
    "move-folder": moved_folder,
    "dvcignore": dvcignore,
    "gitignore": gitignore,
    "edit-out": edited_out,
    "no-project": no_project,
    "revert": reverted,
    "run-all": run_all,
    "run-one": run_one,
    "run-below": run_below,
    "commit-one": commit_one,
    "commit-all": commit_all,
}
HARMLESS_PLACES: dict[str, Edit] = {"docs": docs, "ignore-nothing": ignore_nothing}
