"""A model that Git keeps without its stage, at another path or with other files beside it."""

import hashlib
import json
import re

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

TRAIN = PIPELINE.index("  train:")
WEIGHTS, SMALL, LICENCE = "weights\n" * 250, '{"layers": 3}\n', "licence\n" * 20
OUTS = "outs: [model.pkl, net.out: {type: model}]"
RECORDED = f"{item('model.pkl', '1' * 32, 9)}{item('net.out', '2' * 32, 9)}"


def in_git(**files: str) -> Act:
    """Let the stage make a folder with these files that Git holds, or the one file `model.pkl`."""

    def hold(repo: GitRepo) -> None:
        if files.keys() == {"model_pkl"}:
            path, value = "model.pkl", digest(files["model_pkl"])
            repo.write(path, files["model_pkl"])
        else:
            named = {name.replace("_", ".", 1): text for name, text in files.items()}
            rows = [{"md5": digest(named[name]), "relpath": name} for name in sorted(named)]
            path, value = "model", f"{digest(json.dumps(rows))}.dir"
            for name, text in named.items():
                repo.write(f"model/{name}", text)
        replaced("dvc.yaml", OUTS, f"outs: [{path}: {{cache: false, type: model}}]")(repo)
        replaced("dvc.lock", RECORDED, item(path, value, sum(map(len, files.values()))))(repo)

    return hold


FOLDER = in_git(weights_bin=WEIGHTS, config_json=SMALL, LICENSE=LICENCE)
SHARDS = in_git(a_safetensors=WEIGHTS, b_safetensors=WEIGHTS + "2", tokens_json=WEIGHTS * 9)
FILE = in_git(model_pkl=WEIGHTS)
POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    f"oid sha256:{hashlib.sha256(WEIGHTS.encode()).hexdigest()}\nsize {len(WEIGHTS)}\n"
)
OTHER_POINTER = POINTER.replace("\noid", f"\next-0-x sha256:{'a' * 64}\noid")
OF_LFS = in_git(model_pkl=POINTER)


def in_cache(repo: GitRepo) -> None:
    """Let DVC keep the model that the stage makes."""
    replaced("dvc.lock", item("model.pkl", "1" * 32, 9), item("model.pkl", digest(WEIGHTS), 2000))(
        repo
    )


def added(path: str, text: str) -> Act:
    """Let DVC track a file that Git held, at another path."""
    out = f"outs:\n- path: {path.rpartition('/')[2]}\n  hash: md5\n  md5: {digest(text)}\n"
    return both(removed("model"), written(f"{path}.dvc", out))


def moved(old: str, new: str) -> Act:
    def move(repo: GitRepo) -> None:
        (repo.path / new).parent.mkdir(parents=True, exist_ok=True)
        repo.git("mv", "-f", old, new)

    return move


def removed(*paths: str) -> Act:
    return lambda repo: repo.git("rm", "-rq", *paths)


def without_the_out(repo: GitRepo) -> None:
    """Keep the stage, and let it make nothing."""
    replaced("dvc.yaml", "    outs: [model.pkl: {cache: false, type: model}]\n", "")(repo)
    text = (repo.path / "dvc.lock").read_text()
    repo.write("dvc.lock", text[: text.rindex("    outs:")])


def prepared_in_git(repo: GitRepo) -> None:
    """Let Git hold what the first stage makes, an input of the models."""
    replaced("dvc.yaml", "[clean.csv]", "[clean.csv: {cache: false}]")(repo)
    text = lock().replace("c" * 32, digest(WEIGHTS)).replace("size: 7", "size: 2000")
    repo.write("dvc.lock", text)
    repo.write("clean.csv", WEIGHTS)


def without_prepare(repo: GitRepo) -> None:
    """Take the input from another path, without the stage that made it."""
    repo.write("dvc.yaml", f"stages:\n{PIPELINE[TRAIN:]}".replace("clean.csv", "data/c.csv"))
    text = (repo.path / "dvc.lock").read_text().replace("clean.csv", "data/c.csv")
    repo.write("dvc.lock", f"schema: '2.0'\nstages:\n{text[text.index('  train:') :]}")
    repo.git("mv", "clean.csv", "data/c.csv")


def executable(repo: GitRepo) -> None:
    repo.git("mv", "model.pkl", "data/x")
    (repo.path / "data/x").chmod(0o755)


@pytest.mark.parametrize(
    ("base", "keep", "model"),
    [
        (FOLDER, written("model/NOTES.md", "x\n"), "model"),
        (FOLDER, removed("model/config.json"), "model"),
        (FOLDER, written("model/config.json", "{}\n"), "model"),
        (FOLDER, moved("model", "served"), "model"),
        (FOLDER, moved("model/weights.bin", "served.txt"), "model"),
        (FOLDER, both(moved("model/weights.bin", "w"), removed("model/LICENSE")), "model"),
        (SHARDS, written("model/tokens.json", "{}\n"), "model"),
        (SHARDS, removed("model/a.safetensors"), "model"),
        (FILE, moved("model.pkl", "served.bin"), "model.pkl"),
        (FILE, moved("model.pkl", "big/served"), "model.pkl"),
        (FILE, moved("model.pkl", "prepare.py"), "model.pkl"),
        (FILE, moved("model.pkl", "src/.dvc/tmp/m"), "model.pkl"),
        (FILE, executable, "model.pkl"),
        (FILE, both(moved("model.pkl", "a/m"), written("b/m", WEIGHTS)), "model.pkl"),
        (FILE, written("model.pkl", POINTER), "model.pkl"),
        (FILE, both(removed("model.pkl"), written("served", POINTER)), "model.pkl"),
        (OF_LFS, moved("model.pkl", "served"), "model.pkl"),
        (OF_LFS, written("model.pkl", WEIGHTS), "model.pkl"),
        (OF_LFS, both(removed("model.pkl"), written("served", OTHER_POINTER)), "model.pkl"),
        (FOLDER, both(removed("model"), written("served", POINTER)), "model"),
        (FOLDER, added("w", WEIGHTS), "model"),
        (FOLDER, both(added("served/w", WEIGHTS), written("model/LICENSE", LICENCE)), "model"),
        (in_cache, written("served.bin", WEIGHTS), "model.pkl"),
    ],
)
@pytest.mark.parametrize("edit", [edited, NEW_LR])
def test_a_model_that_git_keeps_elsewhere_hides_no_edit(
    repo: GitRepo, base: Act, keep: Act, edit: Act, model: str
) -> None:
    based(repo, base)
    both(without_train, keep, edit)(repo)
    status, report = compared(repo)
    lost = found(report, "freshness-lost")
    assert (status, set(lost)) == (1, {model}), report["findings"]
    assert lost[model]["severity"] == "error"
    assert re.search("is gone, while (Git|DVC) still holds", lost[model]["message"]), lost


def test_an_input_that_git_keeps_elsewhere_hides_no_edit(repo: GitRepo) -> None:
    based(repo, prepared_in_git)
    both(without_prepare, NEW_PREPARE)(repo)
    status, report = compared(repo)
    lost = found(report, "freshness-lost")
    assert (status, set(lost)) == (1, {"model.pkl", "net.out"}), report["findings"]
    assert "the content of `clean.csv`, as `data/c.csv`" in lost["net.out"]["message"]


def test_a_stage_that_makes_nothing_any_more_hides_no_edit(repo: GitRepo) -> None:
    based(repo, FILE)
    both(without_the_out, moved("model.pkl", "served.bin"), edited)(repo)
    status, report = compared(repo)
    lost = found(report, "freshness-lost")
    assert (status, set(lost)) == (1, {"model.pkl"}), report["findings"]


EMPTY = in_git(model_pkl="")
TRIVIAL = in_git(model_pkl="{}\n")
OTHER_STAGE = "stages:\n  copy:\n    cmd: cp\n    deps: [x]\n    outs: [m.bin: {cache: false}]\n"


def made_by_another_stage(repo: GitRepo) -> None:
    moved("model.pkl", "other/m.bin")(repo)
    repo.write("other/x", "x\n")
    repo.write("other/dvc.yaml", OTHER_STAGE)
    entry = f"{item('x', digest('x' + chr(10)), 2)}    outs:\n"
    entry += item("m.bin", digest(WEIGHTS), 2000)
    start = "schema: '2.0'\nstages:\n  copy:\n    cmd: cp\n    deps:\n"
    repo.write("other/dvc.lock", start + entry)


@pytest.mark.parametrize(
    ("base", "change"),
    [
        (FOLDER, both(without_train, moved("model", "served"))),
        (FOLDER, both(without_train, written("model/NOTES.md", "x\n"))),
        (FOLDER, both(without_train, edited, removed("model"))),
        (FOLDER, both(without_train, edited, removed("model/weights.bin"))),
        (FOLDER, both(without_train, edited, written("model/weights.bin", "other\n" * 90))),
        (
            FOLDER,
            both(without_train, edited, removed("model"), written("LICENSE", LICENCE)),
        ),
        (
            SHARDS,
            both(without_train, edited, removed("model/a.safetensors", "model/b.safetensors")),
        ),
        (FILE, both(without_train, moved("model.pkl", "served.bin"))),
        (FILE, both(without_train, edited, removed("model.pkl"))),
        (
            both(FILE, written("releases/1.pkl", WEIGHTS)),
            both(without_train, edited, removed("model.pkl")),
        ),
        (EMPTY, both(without_train, edited, moved("model.pkl", "served.bin"))),
        (TRIVIAL, both(without_train, edited, moved("model.pkl", "served.json"))),
        (FILE, both(without_train, edited, moved("model.pkl", "x"), written("x", "other\n"))),
        (FILE, both(without_train, edited, made_by_another_stage)),
        (FILE, both(without_train, written("model.pkl", POINTER))),
        (OF_LFS, both(without_train, written("model.pkl", WEIGHTS))),
        (FILE, both(without_train, edited, written("model.pkl", POINTER.replace("0", "1")))),
        (FILE, both(without_train, edited, removed("model.pkl"), written("x", WEIGHTS[:-1] + "x"))),
        (in_cache, both(without_train, written("served.bin", WEIGHTS))),
        (in_cache, both(without_train, edited, written("served.bin", WEIGHTS[:-1] + "x"))),
        (prepared_in_git, without_prepare),
        (FILE, nothing),
    ],
)
def test_what_is_gone_or_was_no_model_of_the_change(repo: GitRepo, base: Act, change: Act) -> None:
    based(repo, base)
    change(repo)
    status, report = compared(repo)
    assert (status, found(report, "freshness-lost")) == (0, {}), report["findings"]
