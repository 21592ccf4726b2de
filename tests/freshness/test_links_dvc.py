"""Deps behind symbolic links, in submodules and in folders: as fresh as for DVC, and affected."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from tests.freshness.made_params_cases import changed_commit, status
from tests.support.dvc_repo import DvcRepo, DvcShell
from tests.support.edits import nothing, written
from tests.support.git_repo import GitRepo

Mutation = Callable[[DvcRepo], object]


def pipeline(deps: dict[str, str]) -> str:
    """Return stages by name that each make a model of its name from one dep."""
    stages = [
        f"  {name}:\n    cmd: echo {name} > {name}.pt\n    deps: [{dep}]\n    outs: [{name}.pt]\n"
        for name, dep in deps.items()
    ]
    return "stages:\n" + "".join(stages)


@dataclass(frozen=True)
class Case:
    """What is done to a repository, and what is then changed for DVC and affected for us.

    `unknown` are the stages of which no commit can tell, by the rows `inside-directory`,
    `holds-outs` and `not-in-git` of docs/freshness.md; `outdated` are those of `outdated-by`.
    """

    name: str
    mutate: Mutation
    theirs: str = ""
    affected: str = ""
    unknown: str = ""
    outdated: str = ""


def add(path: str, target: str, text: str) -> Mutation:
    def run(repo: DvcRepo) -> None:
        repo.files({path: text})
        repo.dvc("add", "-q", target)

    return run


def relink(path: str, target: str) -> Mutation:
    def run(repo: DvcRepo) -> None:
        repo.remove(path)
        repo.symlink(path, target)

    return run


def make_again(repo: DvcRepo) -> None:
    repo.files({"d": "2\n"})
    repo.dvc("repro", "-q", "first")


def run_all(mutate: Mutation) -> Mutation:
    def run(repo: DvcRepo) -> None:
        mutate(repo)
        repo.dvc("repro", "-q")

    return run


def hold(repo: DvcRepo, base: str, case: Case) -> None:
    """Hold DVC's status and our comparison with the base against the case."""
    case.mutate(repo)
    assert status(repo) == set(case.theirs.split())
    changed_commit(repo)
    report = compare_revisions(Request(repo.path, base, direct=True)).report
    models = {model.path.removesuffix(".pt"): model for model in report.models}
    assert {name for name, m in models.items() if m.affected} == set(case.affected.split())
    found = {s.name.rpartition(":")[2]: s.freshness for s in report.stages}
    unknown = {name for name, freshness in found.items() if freshness == "unknown"}
    assert unknown == set(case.unknown.split())
    stale = {name for name, freshness in found.items() if freshness == "stale"}
    assert stale == set(f"{case.theirs} {case.outdated}".split()) - unknown
    lost = {f.severity for f in report.findings if f.rule == "freshness-lost"}
    assert lost <= {"error" if "whole" in unknown else "warning", "warning"}
    # What is unknown and was fresh is never passed over.
    assert bool(lost) == bool(unknown)


LINKED = {
    "first": "d",
    "through": "link/x.csv",
    "folder": "link",
    "file": "one.csv",
    "raw": "raw-link",
    "chain": "chain",
    "out": "latest.pkl",
    "inner": "code",
}
LINKS = {
    "link": "store",
    "one.csv": "store/x.csv",
    "raw-link": "raw.csv",
    "chain": "raw-link",
    "latest.pkl": "first.pt",
    "code/in.csv": "../raw.csv",
}


@pytest.fixture(scope="module")
def linked(shell: DvcShell, tmp_path_factory: pytest.TempPathFactory) -> tuple[DvcRepo, str]:
    repo = DvcRepo(tmp_path_factory.mktemp("linked") / "repo", shell)
    yaml = pipeline(LINKED).replace("echo first >", "cp d")
    repo.files({"dvc.yaml": yaml, "d": "1\n", "code/a.py": "a\n", "raw.csv": "raw\n"})
    repo.files({"store/x.csv": "x\n", "store/y.csv": "y\n"})
    repo.dvc("add", "-q", "raw.csv", "store")
    for path, target in LINKS.items():
        repo.symlink(path, target)
    repo.dvc("repro", "-q", "first")
    return repo, repo.repro("Run")


NOT_LISTED = "through file"
LINK_CASES = [
    Case("nothing", nothing),
    Case(
        "a file in a folder",
        add("store/x.csv", "store", "x2\n"),
        "through folder file",
        "through folder file",
        NOT_LISTED,
    ),
    Case(
        "another file in that folder",
        add("store/y.csv", "store", "y2\n"),
        "folder",
        "through folder file",
        NOT_LISTED,
    ),
    Case(
        "a file, and a link to a link",
        add("raw.csv", "raw.csv", "raw2\n"),
        "raw chain inner",
        "raw chain inner",
        "inner",
    ),
    Case("an out", make_again, "out", "first out"),
    Case("what makes an out, not run", written("d", "2\n"), "first", "first out", outdated="out"),
    Case("a link turned to a file", relink("one.csv", "raw.csv"), "file", "file"),
    Case("a link turned to other data", relink("raw-link", "d"), "raw chain", "raw chain"),
    Case("a link turned to the same", relink("chain", "raw.csv"), "", ""),
    Case("a run", run_all(add("raw.csv", "raw.csv", "raw2\n")), "", "raw chain inner"),
]


@pytest.mark.parametrize("case", LINK_CASES, ids=lambda case: case.name)
def test_what_links_lead_to(case: Case, linked: tuple[DvcRepo, str], tmp_path: Path) -> None:
    made, base = linked
    shutil.copytree(made.path, tmp_path / "copy", symlinks=True)
    hold(made.copied(tmp_path / "copy"), base, case)


HELD = {"file": "ext/data/x.csv", "folder": "ext/data", "whole": "ext", "raw": "data/raw.csv"}
HELD |= {"linked": "into"}


def move(module: str, path: str, text: str) -> Mutation:
    """Change a file of a submodule, and commit that there."""

    def run(repo: DvcRepo) -> None:
        repo.write(f"{module}/{path}", text)
        repo.git("-C", module, "commit", "-qam", "Move on")

    return run


def move_raw(repo: DvcRepo) -> None:
    repo.write("data/raw.csv", "raw2\n")
    repo.dvc("add", "-q", "raw.csv", folder="data")
    repo.git("-C", "data", "commit", "-qam", "Move data on")


@pytest.fixture(scope="module")
def held(shell: DvcShell, tmp_path_factory: pytest.TempPathFactory) -> tuple[DvcRepo, str]:
    root = tmp_path_factory.mktemp("held")
    plain, project = GitRepo(root / "plain"), DvcRepo(root / "project", shell)
    for path in ("data/x.csv", "data/y.csv", "README.md"):
        plain.write(path, "1\n")
    plain.commit()
    project.files({"raw.csv": "1\n", "README.md": "1\n"})
    project.dvc("add", "-q", "raw.csv")
    project.save("Data")
    repo = DvcRepo(root / "repo", shell)
    repo.git("submodule", "--quiet", "add", str(plain.path), "ext")
    repo.git("submodule", "--quiet", "add", str(project.path), "data")
    repo.write("data/raw.csv", "1\n")
    repo.symlink("into", "ext/data/x.csv")
    repo.files({"dvc.yaml": pipeline(HELD), "other.py": "1\n"})
    return repo, repo.repro("Run")


IN_EXT = "file folder whole linked"
HELD_CASES = [
    Case("nothing", nothing),
    Case("another file", written("other.py", "2\n")),
    Case("a file there", move("ext", "README.md", "2\n"), "whole", IN_EXT, IN_EXT),
    Case("data there", move("ext", "data/x.csv", "2\n"), IN_EXT, IN_EXT, IN_EXT),
    Case("data that a `.dvc` file tracks", move_raw, "raw", "raw", "raw"),
    Case("beside such data", move("data", "README.md", "2\n"), "", "raw", "raw"),
    Case("a run", run_all(move("ext", "data/x.csv", "2\n")), "", IN_EXT),
]


@pytest.mark.parametrize("case", HELD_CASES, ids=lambda case: case.name)
def test_what_a_submodule_holds(case: Case, held: tuple[DvcRepo, str], tmp_path: Path) -> None:
    made, base = held
    shutil.copytree(made.path, tmp_path / "copy", symlinks=True)
    hold(made.copied(tmp_path / "copy"), base, case)


SEEN = {"top": "code", "deep": "code/deep", "one": "code/run.sh"}


def chmod(path: str) -> Mutation:
    return lambda repo: (repo.root / path).chmod(0o755)


@pytest.fixture(scope="module")
def folders(shell: DvcShell, tmp_path_factory: pytest.TempPathFactory) -> tuple[DvcRepo, str]:
    repo = DvcRepo(tmp_path_factory.mktemp("folders") / "repo", shell)
    files = {f"code/{path}": "1\n" for path in ("run.sh", "deep/a.py", "deep/er/b.py")}
    files |= {f"code/{path}": "1\n" for path in ("run.log", "deep/er/b.log", "deep/tmp/c.py")}
    repo.files({"dvc.yaml": pipeline(SEEN), ".dvcignore": "*.log\ntmp/\n", **files})
    return repo, repo.repro("Run")


SEEN_CASES = [
    Case("a mode", chmod("code/run.sh")),
    Case("a mode deep below", chmod("code/deep/er/b.py")),
    Case("an ignored file", written("code/run.log", "2\n")),
    Case("an ignored file deep below", written("code/deep/er/b.log", "2\n")),
    Case("a file of an ignored folder", written("code/deep/tmp/c.py", "2\n")),
    Case("a new ignored file", written("code/deep/new.log", "2\n")),
    Case("a file", written("code/deep/er/b.py", "2\n"), "top deep", "top deep"),
    Case("a new file", written("code/deep/new.py", "2\n"), "top deep", "top deep"),
    Case(
        "a file renamed",
        lambda repo: repo.git("mv", "code/run.sh", "code/go.sh"),
        "top one",
        "top one",
    ),
    Case(
        "a file that is ignored now",
        written(".dvcignore", "*.log\ntmp/\na.py\n"),
        "top deep",
        "top deep",
    ),
    Case(
        "a file that is no more ignored", written(".dvcignore", "*.log\n"), "top deep", "top deep"
    ),
]


@pytest.mark.parametrize("case", SEEN_CASES, ids=lambda case: case.name)
def test_what_dvc_sees_of_folders(case: Case, folders: tuple[DvcRepo, str], tmp_path: Path) -> None:
    made, base = folders
    shutil.copytree(made.path, tmp_path / "copy", symlinks=True)
    hold(made.copied(tmp_path / "copy"), base, case)
