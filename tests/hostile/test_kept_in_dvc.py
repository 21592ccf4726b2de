"""A model that DVC keeps without its stage: in a directory, or as files of one."""

import json
import re
from collections.abc import Mapping

import pytest

from tests.hostile.heads import (
    NEW_LR,
    NEW_PREPARE,
    PIPELINE,
    Act,
    based,
    both,
    compared,
    digest,
    edited,
    found,
    item,
    lock,
    nothing,
    replaced,
    without_train,
    written,
)
from tests.support.git_repo import GitRepo

MODELS = {"model.pkl": "1" * 32, "net.out": "2" * 32}
OUTS = "outs: [model.pkl, net.out: {type: model}]"
RECORDED = f"{item('model.pkl', '1' * 32, 9)}{item('net.out', '2' * 32, 9)}"


def listing(files: Mapping[str, str]) -> str:
    rows = [{"md5": files[name], "relpath": name} for name in sorted(files)]
    return f"{digest(json.dumps(rows))}.dir"


def added(path: str, value: str) -> Act:
    out = f"outs:\n- path: {path.rpartition('/')[2]}\n  hash: md5\n  md5: {value}\n"
    return written(f"{path}.dvc", out)


def in_folder(path: str, files: Mapping[str, str]) -> Act:
    return added(path, listing(files))


def listed(path: str, files: Mapping[str, str]) -> Act:
    """Let a directory be recorded with its files, as for a remote with cloud versions."""
    rows = "".join(f"  - relpath: {name}\n    md5: {files[name]}\n" for name in files)
    return written(f"{path}.dvc", f"outs:\n- path: {path}\n  hash: md5\n  files:\n{rows}")


def split(folder: str) -> Act:
    return both(*(added(f"{folder}/{name}", value) for name, value in MODELS.items()))


def of_a_folder(repo: GitRepo) -> None:
    """Let the stage make one directory with the models."""
    replaced("dvc.yaml", OUTS, "outs: [models]")(repo)
    replaced("dvc.lock", RECORDED, item("models", listing(MODELS), 18))(repo)


def in_work(repo: GitRepo) -> None:
    """Let the first stage make its file in a folder."""
    replaced("dvc.yaml", "clean.csv", "work/clean.csv")(repo)
    replaced("dvc.lock", "clean.csv", "work/clean.csv")(repo)


def without_prepare(repo: GitRepo) -> None:
    text = PIPELINE.replace("clean.csv", "work/clean.csv")
    repo.write("dvc.yaml", f"stages:\n{text[text.index('  train:') :]}")
    text = lock().replace("clean.csv", "work/clean.csv")
    repo.write("dvc.lock", f"schema: '2.0'\nstages:\n{text[text.index('  train:') :]}")


def imported(path: str, value: str, source: str = "x") -> Act:
    """Take a file from a repository, such as this one; without a hash it is not downloaded."""
    deps = f"- path: {source}\n  repo:\n    url: https://example.com/x\n    rev_lock: {'a' * 40}\n"
    known = f"  hash: md5\n  md5: {value}\n" if value else ""
    return written(f"{path}.dvc", f"frozen: true\ndeps:\n{deps}outs:\n- path: {path}\n{known}")


def in_models(repo: GitRepo) -> None:
    """Let the stage make its files in a folder."""
    for path in MODELS:
        replaced("dvc.yaml", path, f"models/{path}")(repo)
        replaced("dvc.lock", path, f"models/{path}")(repo)


def listed_before(repo: GitRepo) -> None:
    """Let the stage make one directory whose files the lock records."""
    rows = "".join(f"      - relpath: {name}\n        md5: {MODELS[name]}\n" for name in MODELS)
    replaced("dvc.yaml", OUTS, "outs: [models]")(repo)
    replaced("dvc.lock", RECORDED, f"    - path: models\n      hash: md5\n      files:\n{rows}")(
        repo
    )


WHY = re.compile("is gone, while DVC (may )?still holds?|is tracked by hand now|is an import now")
MORE = MODELS | {"card.md": "7" * 32}
ALL = ("model.pkl", "net.out")
KEPT = [
    (nothing, both(without_train, in_folder("models", MODELS)), ALL),
    (nothing, both(without_train, in_folder("served", {"model.pkl": "1" * 32})), ALL[:1]),
    (nothing, both(without_train, in_folder("a/b/served", MODELS)), ALL),
    (nothing, both(without_train, listed("served", MORE)), ALL),
    (nothing, both(without_train, listed("served", {"deep/m.bin": "1" * 32})), ALL[:1]),
    (of_a_folder, both(without_train, split("models")), ("models",)),
    (of_a_folder, both(without_train, split("served")), ("models",)),
    (nothing, both(without_train, added("served.bin", "1" * 32)), ALL[:1]),
    (nothing, both(without_train, imported("served.bin", "1" * 32)), ALL[:1]),
    (nothing, both(without_train, added("data/served", "1" * 32), added("x", "2" * 32)), ALL),
    (of_a_folder, both(without_train, added("served", listing(MODELS))), ("models",)),
    (of_a_folder, both(without_train, in_folder("models", MORE)), ("models",)),
    (listed_before, both(without_train, listed("models", MORE)), ("models",)),
    (
        in_models,
        both(without_train, in_folder("models", MORE)),
        ("models/model.pkl", "models/net.out"),
    ),
    (nothing, both(without_train, imported("served.pkl", "", "model.pkl")), ALL[:1]),
    (in_work, both(without_prepare, in_folder("work", {"clean.csv": "c" * 32})), ALL),
]


@pytest.mark.parametrize(("base", "keep", "models"), KEPT)
@pytest.mark.parametrize("edit", [edited, NEW_LR, NEW_PREPARE])
def test_a_model_that_dvc_keeps_without_its_stage_hides_no_edit(
    repo: GitRepo, base: Act, keep: Act, edit: Act, models: tuple[str, ...]
) -> None:
    based(repo, base)
    both(keep, edit)(repo)
    status, report = compared(repo)
    lost = found(report, "freshness-lost")
    stale = found(report, "stale-model")
    assert (status, set(lost) | set(stale)) == (1, set(models)), report["findings"]
    assert all(WHY.search(lost[model]["message"]) for model in lost), lost


OTHER = {"model.pkl": "8" * 32, "net.out": "9" * 32}


EMPTY = "d41d8cd98f00b204e9800998ecf8427e"


def empty(repo: GitRepo) -> None:
    """Let the model be an empty file."""
    replaced("dvc.lock", "1" * 32, EMPTY)(repo)


@pytest.mark.parametrize(
    ("base", "change"),
    [
        *((base, keep) for base, keep, _ in KEPT),
        (nothing, both(without_train, in_folder("models", OTHER), edited)),
        (nothing, both(without_train, listed("models", OTHER), edited)),
        (listed_before, both(without_train, listed("models", OTHER), edited)),
        (nothing, both(without_train, in_folder("src/models", OTHER), edited)),
        (empty, both(without_train, listed("other", {"__init__.py": EMPTY}), edited)),
        (
            both(in_folder("kept", MODELS), nothing),
            both(without_train, edited),
        ),
    ],
)
def test_what_dvc_keeps_and_no_edit_made_stale(repo: GitRepo, base: Act, change: Act) -> None:
    based(repo, base)
    change(repo)
    status, report = compared(repo)
    assert (status, found(report, "freshness-lost")) == (0, {}), report["findings"]
