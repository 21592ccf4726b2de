"""A checkout with its own DVC cache, whose pipelines and locks can be read and written as data."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from fuzz.pull_request.shapes import SHAPES
from tests.support.dvc_repo import DvcShell
from tests.support.git_repo import GitRepo

Data = dict[str, Any]
PIPELINE, LOCK = "dvc.yaml", "dvc.lock"


class Project:
    """The repository `repo` of a folder, and the DVC cache beside it."""

    def __init__(self, folder: Path, shell: DvcShell) -> None:
        self.folder = folder
        self.shell = shell
        self.repo = GitRepo(folder / "repo")
        self.root = self.repo.path

    def dvc(self, *arguments: str) -> bool:
        """Run a `dvc` command; return whether it passed."""
        self.own_settings()
        try:
            self.shell.run(self.root, *arguments)
        except AssertionError:
            return False
        return True

    def own_settings(self) -> None:
        """Let DVC use the cache beside the repository, which no `git clean` empties."""
        if (self.root / ".dvc").is_dir():
            places = (
                f"[cache]\ndir = {self.folder}/cache\n[core]\nsite_cache_dir = {self.folder}/site\n"
            )
            (self.root / ".dvc" / "config.local").write_text(places, encoding="utf-8")

    def save(self, message: str) -> None:
        """Commit all that Git does not ignore."""
        self.repo.git("add", "-A")
        self.repo.git("commit", "-q", "--allow-empty", "--no-verify", "-m", message)

    def at(self, revision: str) -> None:
        """Check a revision out as a clone has it, without the data that DVC keeps."""
        self.repo.git("checkout", "-q", "-f", revision)
        self.repo.git("clean", "-ffdxq")

    def pull(self) -> bool:
        """Put what the cache has of the data into the work tree; return whether it had all."""
        return self.dvc("checkout", "-q", "--force")

    def tree(self, revision: str) -> str:
        """Return the id of a revision's tree."""
        return self.repo.git("rev-parse", f"{revision}^{{tree}}")

    def gone(self) -> None:
        """Remove all of it."""
        shutil.rmtree(self.folder)

    # Files

    def files(self) -> list[str]:
        """Return the paths of Git's files in the work tree, without DVC's own folder."""
        listed = self.repo.git("ls-files", "-z", "-c", "-o", "--exclude-standard").split("\0")
        return sorted(
            {path for path in listed if self.is_file(path) and not path.startswith(".dvc/")}
        )

    def is_file(self, path: str) -> bool:
        """Whether there is a regular file."""
        file = self.root / path
        return bool(path) and file.is_file() and not file.is_symlink()

    def text(self, path: str) -> str:
        """Return the text of a file."""
        return (self.root / path).read_text(encoding="utf-8")

    def drop(self, path: str) -> None:
        """Remove a file, link or folder, if it is there."""
        file = self.root / path
        if file.is_dir() and not file.is_symlink():
            shutil.rmtree(file)
        else:
            file.unlink(missing_ok=True)

    # DVC files

    def pipelines(self) -> list[str]:
        """Return the paths of all `dvc.yaml`."""
        return [path for path in self.files() if Path(path).name == PIPELINE]

    def data(self, path: str) -> Data:
        """Return a YAML file as data; empty if there is none."""
        try:
            return self.loaded(self.text(path)) if self.is_file(path) else {}
        except UnicodeDecodeError:
            return {}

    def loaded(self, text: str) -> Data:
        """Return a YAML text as data; empty if it holds no mapping."""
        try:
            found = yaml.safe_load(text)
        except yaml.YAMLError:
            return {}
        return found if isinstance(found, dict) else {}

    def write_data(self, path: str, data: Data, **options: Any) -> None:
        """Write data as YAML."""
        self.repo.write(path, yaml.safe_dump(data, **{"sort_keys": False, **options}))

    def stages(self) -> Iterator[tuple[str, str, Data, Data]]:
        """Yield each stage: the path of its pipeline, all of that, its name and its own data."""
        for path in self.pipelines():
            data = self.data(path)
            stages = data.get("stages")
            for name, stage in (stages if isinstance(stages, dict) else {}).items():
                if isinstance(stage, dict):
                    yield path, name, data, stage

    def lock_of(self, pipeline: str) -> str:
        """Return the path of the lock beside a pipeline."""
        return str(Path(pipeline).with_name(LOCK))


def made(shape: str, folder: Path, shell: DvcShell) -> Project:
    """Make the repository of a shape in an empty folder, and run its pipelines."""
    project, data = Project(folder, shell), SHAPES[shape]
    shell.run(project.root, "init", "-q")
    for path, text in data.files.items():
        project.repo.write(path, text)
    for path in data.added:
        project.own_settings()
        shell.run(project.root, "add", "-q", path)
    project.own_settings()
    shell.run(project.root, "repro", "-q", "--all-pipelines")
    project.save("Base")
    return project


def copied(base: Project, folder: Path) -> Project:
    """Copy a project, its cache and its data."""
    shutil.copytree(base.folder, folder, symlinks=True)
    return Project(folder, base.shell)
