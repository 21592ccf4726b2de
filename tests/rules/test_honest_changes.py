"""Sound changes of a real DVC repository, run by the real DVC: no model is held for lost."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from tests.support.dvc_repo import DvcRepo, DvcShell

PIPELINE = """\
stages:
  prepare:
    cmd: cp raw.csv clean.csv
    deps: [raw.csv]
    outs: [clean.csv]
  train:
    cmd: wc -c clean.csv > model.pkl && cp train.py metrics.json
    deps: [train.py, clean.csv, src]
    params: [lr]
    outs: [model.pkl]
    metrics: [metrics.json: {cache: false}]
"""
FILES = {
    "dvc.yaml": PIPELINE,
    "params.yaml": "lr: 1\n",
    "raw.csv": "1,2\n",
    "train.py": "1\n",
    "src/a.py": "x\n",
}
Edit = Callable[[DvcRepo], Any]


@pytest.fixture
def repo(tmp_path: Path, shell: DvcShell) -> DvcRepo:
    repo = DvcRepo(tmp_path / "repo", shell)
    repo.files(FILES)
    repo.repro("Base")
    repo.branch("change")
    return repo


def rules(repo: DvcRepo) -> dict[str, str]:
    """Return the severity of each rule of this room that finds something, and of stale models."""
    report = compare_revisions(Request(repo.path, "main", "change")).report
    known = ("freshness-lost", "edited-lock", "same-result", "stale-model", "invalid-pipeline")
    return {item.rule: item.severity for item in report.findings if item.rule in known}


def pointer(path: str) -> Edit:
    text = FILES[path]
    name = hashlib.sha256(text.encode()).hexdigest()
    return written(
        path,
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{name}\nsize {len(text)}\n",
    )


def written(path: str, text: str) -> Edit:
    return lambda repo: repo.files({path: text})


def both(*edits: Edit) -> Edit:
    return lambda repo: [edit(repo) for edit in edits]


def frozen(repo: DvcRepo) -> None:
    repo.edit("dvc.yaml", "  train:\n", "  train:\n    frozen: true\n")


def repro(*options: str) -> Edit:
    return lambda repo: repo.dvc("repro", "-q", *options)


def removed_whole(repo: DvcRepo) -> None:
    for file in ("dvc.yaml", "dvc.lock", "train.py"):
        repo.remove(file)


def restructured(repo: DvcRepo) -> None:
    repo.files({"code/train.py": FILES["train.py"]})
    repo.remove("train.py")
    repo.edit("dvc.yaml", "[train.py,", "[code/train.py,")
    repo.edit("dvc.yaml", "cp train.py", "cp code/train.py")
    repo.dvc("repro", "-q")


def added_data(repo: DvcRepo) -> None:
    repo.git("rm", "-q", "--cached", "raw.csv")
    repo.dvc("add", "-q", "raw.csv")


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        (pointer("train.py"), {}),
        (pointer("src/a.py"), {}),
        (frozen, {}),
        (removed_whole, {}),
        (restructured, {"same-result": "info"}),
        (added_data, {}),
        (lambda repo: repo.edit("dvc.yaml", "params: [lr]", "always_changed: true"), {}),
        (lambda repo: repo.edit("dvc.yaml", ", src]", "]"), {}),
        (
            both(lambda repo: repo.edit("dvc.yaml", ", src]", "]"), written("src/a.py", "y\n")),
            {"freshness-lost": "error"},
        ),
        (
            both(
                lambda repo: repo.edit("dvc.yaml", ", src]", "]"),
                written("src/a.py", "y\n"),
                repro("--force"),
            ),
            {"same-result": "info"},
        ),
        (both(frozen, written("train.py", "2\n")), {"freshness-lost": "error"}),
        (both(written("train.py", "2\n"), repro(), frozen), {"same-result": "info"}),
        (both(written("train.py", "2\n"), repro()), {"same-result": "info"}),
        (both(written("raw.csv", "1,2\n3,4\n"), repro()), {}),
        (both(written("params.yaml", "lr: 2\nz: !x 1\n")), {"invalid-pipeline": "error"}),
        (both(written("params.yaml", "lr: 2\n"), repro()), {"same-result": "info"}),
    ],
)
def test_a_change(repo: DvcRepo, edit: Edit, found: dict[str, str]) -> None:
    edit(repo)
    repo.save("Change")
    assert rules(repo) == found


def test_a_forced_run_mends_an_edited_lock(repo: DvcRepo) -> None:
    old, new = (hashlib.md5(text).hexdigest() for text in (b"1\n", b"1  # b\n"))
    repo.files({"train.py": "1  # b\n"})
    repo.edit("dvc.lock", old, new)
    repo.save("Change")
    assert rules(repo)["edited-lock"] == "error"
    repo.dvc("repro", "-q", "--force")
    repo.save("Run")
    assert rules(repo) == {"same-result": "info"}


def linked_to(target: str) -> Edit:
    def link(repo: DvcRepo) -> None:
        repo.remove("train.py")
        repo.symlink("train.py", target)

    return link


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (linked_to("/nowhere/train.py"), {}),
        (written("train.py", "2\n"), {"freshness-lost": "error"}),
    ],
    ids=["unknown", "stale"],
)
def test_what_was_unknown_in_the_base_is_left_alone(
    repo: DvcRepo, before: Edit, told: dict[str, str]
) -> None:
    repo.checkout("main")
    before(repo)
    repo.save("Before")
    repo.git("checkout", "-q", "-B", "change")
    linked_to("/elsewhere/train.py")(repo)
    repo.save("Change")
    assert rules(repo) == told


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), {"stale-model": "error"}),
        # The new version is not recorded, and the model was not made from it.
        (("--no-download",), {"freshness-lost": "error"}),
    ],
)
def test_an_import_that_was_updated(
    repo: DvcRepo, options: tuple[str, ...], found: dict[str, str]
) -> None:
    source = repo.path.parent / "source.csv"
    source.write_text("1\n")
    repo.checkout("main")
    repo.remove("raw.csv")
    repo.git("commit", "-q", "-a", "-m", "Take raw.csv out of Git")
    repo.dvc("import-url", str(source), "raw.csv")
    repo.repro("Import")
    repo.git("checkout", "-q", "-B", "change")
    source.write_text("2,3\n")
    repo.dvc("update", *options, "raw.csv.dvc")
    repo.save("Update")
    assert rules(repo) == found
    repo.repro("Run")
    assert rules(repo) == {}


def ignored(path: str, stage_deps: str) -> Edit:
    """Let a stage depend on a file that Git ignores and DVC does not keep."""

    def edit(repo: DvcRepo) -> None:
        rules = repo.path / ".gitignore"
        repo.files({path: "kept at home\n", ".gitignore": f"{rules.read_text()}/{path}\n"})
        repo.edit("dvc.yaml", stage_deps, stage_deps.replace("[", f"[{path}, "))

    return edit


OWN, ABOVE = "deps: [train.py,", "deps: [raw.csv]"
RUN = both(written("train.py", "3\n"), repro())


@pytest.mark.parametrize(
    ("unknown", "edit", "found"),
    [
        (ignored("home.csv", OWN), repro(), {}),
        (ignored("home.csv", ABOVE), repro(), {}),
        (ignored("home.csv", ABOVE), RUN, {}),
        (ignored("home.csv", OWN), linked_to("/nowhere/train.py"), {"freshness-lost": "error"}),
        (ignored("home.csv", ABOVE), linked_to("/nowhere/train.py"), {"freshness-lost": "error"}),
        (ignored("home.csv", ABOVE), both(ignored("new.csv", OWN), repro()), {}),
    ],
)
def test_a_run_clears_what_was_stale_beside_what_nobody_can_check(
    repo: DvcRepo, unknown: Edit, edit: Edit, found: dict[str, str]
) -> None:
    repo.checkout("main")
    unknown(repo)
    repo.repro("Before")
    repo.files({"train.py": "2\n"})
    repo.save("Stale")
    repo.git("checkout", "-q", "-B", "change")
    edit(repo)
    repo.save("Change")
    assert {rule: at for rule, at in rules(repo).items() if rule != "same-result"} == found
