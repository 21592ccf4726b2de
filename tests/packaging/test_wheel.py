"""The wheel, alone in an empty environment, runs every command, format and template."""

import json
import re
import subprocess
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from lineage_diff import __version__, project
from lineage_diff.cli.commands import COMMANDS
from lineage_diff.render.formats import FORMATS, format_names
from tests.packaging.installed import (
    ROOT,
    VERSIONS,
    Environment,
    OutOfReachError,
    build,
    install,
)
from tests.support.git_repo import GitRepo
from tests.support.projects import project as make_project


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    try:
        return build(tmp_path_factory.mktemp("dist"))
    except OutOfReachError as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module", params=VERSIONS)
def installed(
    request: pytest.FixtureRequest,
    built: tuple[Path, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Environment:
    try:
        return install(built[0], request.param, tmp_path_factory.mktemp("env") / "env")
    except OutOfReachError as reason:
        pytest.skip(str(reason))


@pytest.fixture
def changed(git_repo: GitRepo) -> GitRepo:
    """A repository whose last commit leaves its model stale."""
    make_project(git_repo)
    git_repo.write("train.py", "print(2)\n")
    git_repo.commit("edit")
    return git_repo


def in_git() -> set[str]:
    """Return the files of the package: those of `src/lineage_diff`, and the templates in it."""
    command = ["git", "ls-files", "-z", "src", "templates"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {
        path.removeprefix("src/") if path.startswith("src/") else f"lineage_diff/{path}"
        for path in done.stdout.split("\0")
        if path and (ROOT / path).exists()
    }


def test_it_holds_every_file_of_the_package_and_no_other(built: tuple[Path, Path]) -> None:
    names = set(zipfile.ZipFile(built[0]).namelist())
    assert {name for name in names if ".dist-info/" not in name} == in_git()


def test_the_sdist_holds_what_the_wheel_is_built_from(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {name for name in names if not name.startswith(("src/", "templates/"))} == {
        *("LICENSE", "PKG-INFO", "README.md", "pyproject.toml", ".gitignore"),
    }


def test_its_page_has_no_link_that_needs_the_repository(built: tuple[Path, Path]) -> None:
    archive = zipfile.ZipFile(built[0])
    (name,) = [one for one in archive.namelist() if one.endswith(".dist-info/METADATA")]
    metadata = message_from_bytes(archive.read(name))
    assert (metadata["Name"], metadata["Version"]) == (project.NAME, __version__)
    page = metadata.get_payload()
    assert isinstance(page, str)
    targets = re.findall(r"\]\(([^)]+)\)|(?:src|srcset)=\"([^\"]+)\"", page)
    assert len(targets) > 20
    for link, image in targets:
        assert (link or image).startswith(("https://", "#")), link or image
    repository = f"{project.ADDRESS}/blob/{project.TAG}/"
    assert {
        (ROOT / link.removeprefix(repository).partition("#")[0]).exists()
        for link, _ in targets
        if link.startswith(repository)
    } == {True}


def test_every_command_has_its_help(installed: Environment, tmp_path: Path) -> None:
    for command in ("", *(one.name for one in COMMANDS)):
        done = installed.run("lineage-diff", *command.split(), "--help", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), command
        assert done.stdout.startswith(f"usage: lineage-diff {command}".rstrip())


def test_compare_writes_every_format(
    installed: Environment, changed: GitRepo, tmp_path: Path
) -> None:
    names = format_names("report")
    outputs = [part for name in names for part in ("--format", name, "-o", str(tmp_path / name))]
    done = installed.run("lineage-diff", "compare", "HEAD~1", *outputs, cwd=changed.path)
    assert done.returncode == 1, done.stderr
    assert all((tmp_path / name).stat().st_size for name in names if name != "plots")
    report = json.loads((tmp_path / "json").read_bytes())
    assert (report["verdict"]["conclusion"], report["tool"]["version"]) == ("failure", __version__)
    assert "1 model is stale" in (tmp_path / "markdown").read_text()
    done = installed.run("lineage-diff", "show", str(tmp_path / "json"), cwd=tmp_path)
    assert "1 model is stale" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        ("status", 1, "1 model is stale"),
        ("lint", 0, "no problem found"),
        ("rules stale-model", 0, "stale-model"),
        ("rules", 0, "not-pushed"),
        ("init", 0, "Make the job `lineage-diff` a required check"),
        ("trace model.pkl", 0, "train.py"),
        ("history model.pkl", 0, "model.pkl"),
        ("impact train.py", 0, "model.pkl"),
        ("audit --format html", 1, "<title>"),
        ("audit --format csv", 1, "subject,key,commit"),
        ("mlflow tag", 2, "MLFLOW_TRACKING_URI"),
        ("completion bash", 0, "complete "),
        ("--version", 0, f"lineage-diff {__version__}"),
    ],
)
def test_the_other_commands_run(
    installed: Environment, changed: GitRepo, command: str, code: int, says: str
) -> None:
    done = installed.run("lineage-diff", *command.split(), cwd=changed.path)
    assert done.returncode == code, done.stderr
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("installed", VERSIONS[-1:], indirect=True)
def test_the_demo_is_made_and_compared(installed: Environment, tmp_path: Path) -> None:
    done = installed.run("lineage-diff", "demo", str(tmp_path / "demo"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "models/churn.pkl" in done.stdout


def test_it_runs_without_a_checkout_of_it(installed: Environment, tmp_path: Path) -> None:
    code = "import lineage_diff, sys; print(lineage_diff.__file__); print(*sys.path)"
    done = installed.run("python", "-c", code, cwd=tmp_path)
    place, path = done.stdout.splitlines()
    assert Path(place).is_relative_to(installed.folder)
    assert str(ROOT) not in path


def test_every_format_is_tried() -> None:
    assert {*format_names("report"), "csv"} == set(FORMATS)
