"""Heads that would make a stale model look like one of which nobody can tell: none is green."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from lineage_diff import limits
from tests.hostile.heads import (
    FILES,
    PIPELINE,
    compared,
    digest,
    edited,
    found,
    held,
    item,
    lock,
    replaced,
    written,
)
from tests.hostile.runs import run
from tests.support.git_repo import GitRepo

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 9\n"
NOT_CACHED = "[model.pkl: {cache: false}, net.out: {cache: false, type: model}]"
Hide = Callable[[GitRepo], Any]


def lost(repo: GitRepo, word: str, *subjects: str) -> None:
    """Hold that the head is red, says why, and calls the models affected."""
    status, report = compared(repo)
    findings = found(report, "freshness-lost")
    assert status == 1, report["findings"]
    assert subjects
    for subject in subjects:
        assert findings[subject]["severity"] == "error"
        assert word in findings[subject]["message"], findings[subject]["message"]
        assert "silence" in findings[subject]["hint"] or "remove" in findings[subject]["hint"]
        assert findings[subject]["file"]
    models = {model["path"]: model for model in report["models"]}
    assert all(models[subject]["affected"] for subject in subjects)


def params(text: str) -> Hide:
    return lambda repo: repo.write("params.yaml", f"lr: 2\n{text}")


def relinked(path: str, target: str) -> Hide:
    def hide(repo: GitRepo) -> None:
        repo.git("rm", "-rq", "--cached", path)
        if (repo.path / path).is_dir():
            repo.git("clean", "-fdxq", path)
        else:
            repo.remove(path)
        repo.symlink(path, target)

    return hide


def submodule(path: str) -> Hide:
    def hide(repo: GitRepo) -> None:
        commit = repo.git("rev-parse", "HEAD")
        repo.git("rm", "-rqf", path)
        (repo.path / path).mkdir(parents=True, exist_ok=True)
        inner = GitRepo(repo.path / path)
        inner.commit("Inner")
        repo.git("update-index", "--add", "--cacheinfo", f"160000,{commit},{path}")

    return hide


def imported(repo: GitRepo) -> None:
    repo.git("rm", "-q", "data/raw.csv")
    repo.write(
        "data/raw.csv.dvc",
        "frozen: true\ndeps:\n- path: raw.csv\n  repo: {url: 'https://example.com/x'}\n"
        "outs:\n- path: raw.csv\n",
    )


def into_a_folder_of_the_cache(repo: GitRepo) -> None:
    repo.git("rm", "-q", "data/raw.csv")
    repo.write("data.dvc", f"outs:\n- path: data\n  hash: md5\n  md5: {'d' * 32}.dir\n")


def renamed_stage(repo: GitRepo) -> None:
    for file in ("dvc.yaml", "dvc.lock"):
        text = (repo.path / file).read_text()
        repo.write(file, text.replace("  train:", "  learn:"))
    relinked("train.py", "/usr/lib/x.py")(repo)


def kept_by_nobody(repo: GitRepo) -> None:
    replaced("dvc.yaml", "[model.pkl, net.out: {type: model}]", NOT_CACHED)(repo)
    repo.write(".gitignore", "/model.pkl\n/net.out\n")


def prepared(repo: GitRepo) -> None:
    relinked("prepare.py", "/usr/lib/x.py")(repo)


@pytest.mark.parametrize(
    ("hide", "word"),
    [
        (params(f"d: {'[' * 200}{']' * 200}\n"), "params.yaml"),
        (params("#" * 9_000_000 + "\n"), "params.yaml"),
        (written("src/a.py", POINTER), "LFS"),
        (relinked("train.py", "/usr/lib/evil.py"), "symbolic link"),
        (relinked("train.py", "../evil.py"), "symbolic link"),
        (relinked("train.py", "nowhere"), "symbolic link"),
        (relinked("train.py", "train.py"), "symbolic link"),
        (relinked("src", "/usr/lib"), "symbolic link"),
        (relinked("src", "nowhere"), "symbolic link"),
        (written("train.py", POINTER), "LFS"),
        (submodule("src"), "submodule"),
        (submodule("train.py"), "submodule"),
        (imported, "no lock or .dvc file records"),
        (into_a_folder_of_the_cache, "only in DVC's cache"),
        (renamed_stage, "symbolic link"),
        (prepared, "prepare.py"),
        (kept_by_nobody, "DVC does not keep it"),
        (written(".gitignore", "*.lock\n"), "DVC refuses it"),
    ],
)
def test_a_form_that_tells_nothing_is_an_error(repo: GitRepo, hide: Hide, word: str) -> None:
    hide(repo)
    lost(repo, word, "model.pkl", "net.out")


OF_NO_MODEL = """\
stages:
  prepare:
    cmd: python prepare.py
    deps: [prepare.py]
    outs: [clean.csv]
"""
ITS_LOCK = "schema: '2.0'\nstages:\n  prepare:\n    cmd: python prepare.py\n"


@pytest.mark.parametrize(
    ("files", "refused"),
    [
        ({".gitignore": "*.lock\n"}, ["dvc.lock", "sub/dvc.lock"]),
        ({".gitignore": "/dvc.lock\n"}, ["dvc.lock"]),
        ({".gitignore": "*.lock\n!dvc.lock\n"}, []),
        # DVC does not read the pipelines either.
        ({".gitignore": "dvc.*\n"}, []),
        ({".gitignore": "sub/dvc.lock\n"}, ["sub/dvc.lock"]),
        ({"sub/.gitignore": "*.lock\n"}, ["sub/dvc.lock"]),
        ({".gitignore": "*.lock\n", "sub/.gitignore": "!*.lock\n"}, ["dvc.lock"]),
    ],
)
def test_a_lock_that_git_ignores_is_an_error_without_a_model(
    git_repo: GitRepo, files: dict[str, str], refused: list[str]
) -> None:
    """DVC refuses such a lock, and then does nothing for any stage."""
    for folder in ("", "sub/"):
        git_repo.write(f"{folder}dvc.yaml", OF_NO_MODEL)
        git_repo.write(f"{folder}dvc.lock", ITS_LOCK)
    git_repo.write(".dvc/config", "")
    git_repo.commit("Base")
    git_repo.branch("hostile")
    for path, text in files.items():
        git_repo.write(path, text)
    status, report = compared(git_repo)
    errors = [each for each in report["findings"] if each["severity"] == "error"]
    assert [each["file"] for each in errors] == refused
    assert all("which Git ignores after this change" in each["message"] for each in errors)
    assert status == (1 if refused else 0)


@pytest.mark.parametrize(
    ("ignored", "refused"), [("*.lock", ["dvc.lock"]), ("dvc.*", []), ("/sub/dvc.lock", [])]
)
def test_a_lock_that_only_the_tip_has_may_not_be_ignored(
    git_repo: GitRepo, ignored: str, refused: list[str]
) -> None:
    """The change begins at a commit without the pipeline, and the merge brings it."""
    git_repo.write(".dvc/config", "")
    git_repo.commit("Base")
    git_repo.branch("hostile")
    git_repo.git("checkout", "-q", "main")
    git_repo.write("dvc.yaml", OF_NO_MODEL)
    git_repo.write("dvc.lock", ITS_LOCK)
    git_repo.commit("Bring the pipeline back")
    git_repo.git("checkout", "-q", "hostile")
    git_repo.write(".gitignore", f"{ignored}\n")
    status, report = compared(git_repo)
    errors = [each for each in report["findings"] if each["severity"] == "error"]
    assert [each["file"] for each in errors] == refused
    assert status == (1 if refused else 0)


def test_many_hidden_pipelines_hide_no_other_one(git_repo: GitRepo) -> None:
    entry = f"schema: '2.0'\nstages:\n  t:\n    cmd: x\n    outs:\n{item('model.pkl', '1' * 32, 9)}"
    pipeline = "stages:\n  t:\n    cmd: x\n    outs: [model.pkl]\n"
    for number in range(limits.HIDDEN_FILES + 5):
        git_repo.write(f"p{number:03}/dvc.yaml", pipeline)
        git_repo.write(f"p{number:03}/dvc.lock", entry)
    git_repo.write(".dvc/config", "")
    git_repo.commit("Base")
    git_repo.branch("hostile")
    git_repo.write(".dvcignore", "dvc.yaml\n")
    status, report = compared(git_repo)
    models = {model["path"] for model in report["models"]}
    assert status == 1
    assert len(models) == limits.HIDDEN_FILES + 5
    assert found(report, "freshness-lost").keys() >= models


@pytest.mark.parametrize("text", ["z: !x 1\n", "\x00\n", "a: [\n", "lr: 3\n"])
def test_params_that_dvc_refuses_are_an_error(repo: GitRepo, text: str) -> None:
    params(text)(repo)
    status, report = compared(repo)
    errors = [item for item in report["findings"] if item["severity"] == "error"]
    assert status == 2
    assert [(item["file"], item["line"] is not None) for item in errors] == [("params.yaml", True)]
    models = {model["path"]: model for model in report["models"]}
    for path in ("model.pkl", "net.out"):
        assert (models[path]["freshness"], models[path]["affected"]) == ("unknown", True)


@pytest.mark.parametrize(
    "hide", [params("z: !x 1\n"), relinked("train.py", "../evil.py"), prepared]
)
def test_no_headline_says_that_nothing_happened(repo: GitRepo, hide: Hide) -> None:
    hide(repo)
    repo.git("add", "-A", "-f")
    repo.git("commit", "-q", "-m", "Hostile")
    for form in ("markdown", "terminal"):
        shown = run(repo, "compare", "main", "hostile", "--format", form).out
        assert "model.pkl" in shown
        assert "no model affected" not in shown
        assert "nothing changed" not in shown


def frozen(repo: GitRepo) -> None:
    replaced("dvc.yaml", "    cmd: python train.py", "    frozen: true\n    cmd: python train.py")(
        repo
    )


@pytest.mark.parametrize(
    ("blind", "edit", "word"),
    [
        (frozen, edited, "`frozen`"),
        (frozen, written("src/a.py", "evil\n"), "`frozen`"),
        (frozen, written("src/b.py", "evil\n"), "`frozen`"),
        (frozen, params(""), "`frozen`"),
        (frozen, written("prepare.py", "print(2)\n"), "`frozen`"),
        (frozen, relinked("train.py", "/usr/lib/evil.py"), "`frozen`"),
        (replaced("dvc.yaml", "[train.py, ", "["), edited, "no longer declares `train.py`"),
        (
            replaced("dvc.yaml", ", src,", ","),
            written("src/a.py", "evil\n"),
            "no longer declares `src`",
        ),
        (replaced("dvc.yaml", "    params: [lr]\n", ""), params(""), "params.yaml:lr"),
        (replaced("dvc.yaml", "[lr]", "[]"), params(""), "params.yaml:lr"),
    ],
)
def test_nor_does_it_help_to_keep_dvc_from_looking(
    repo: GitRepo, blind: Hide, edit: Hide, word: str
) -> None:
    blind(repo)
    edit(repo)
    lost(repo, word, "model.pkl", "net.out")


@pytest.mark.parametrize("edit", [edited, relinked("train.py", "/usr/lib/evil.py")])
def test_a_model_that_is_called_none_any_more(repo: GitRepo, edit: Hide) -> None:
    replaced("dvc.yaml", "net.out: {type: model}", "net.out")(repo)
    edit(repo)
    lost(repo, "no longer calls it one", "net.out")


# The collision of X. Wang and H. Yu, "How to Break MD5 and Other Hash Functions", 2005.
COLLISION = bytes.fromhex(
    "d131dd02c5e6eec4693d9a0698aff95c2fcab58712467eab4004583eb8fb7f89"
    "55ad340609f4b30283e488832571415a085125e8f7cdc99fd91dbdf280373c5b"
    "d8823e3156348f5bae6dacd436c919c6dd53e2b487da03fd02396306d248cda0"
    "e99f33420f577ee8ce54b67080a80d1ec69821bcb6a8839396f9652b6ff72a70"
)
AT = (19, 45, 59, 83, 109, 123)
OTHER = bytes(byte ^ 0x80 if at in AT else byte for at, byte in enumerate(COLLISION))


@pytest.mark.parametrize("dep", ["data.bin", "data"])
@pytest.mark.parametrize("kind", ["      hash: md5\n", ""], ids=["md5", "md5-dos2unix"])
def test_other_content_with_the_same_md5(git_repo: GitRepo, dep: str, kind: str) -> None:
    value = hashlib.md5(COLLISION, usedforsecurity=False).hexdigest()
    assert value == hashlib.md5(OTHER, usedforsecurity=False).hexdigest()
    path = dep if dep == "data.bin" else "data/d.bin"
    listing = json.dumps([{"md5": value, "relpath": "d.bin"}])
    recorded = item(dep, value if path == dep else f"{digest(listing)}.dir", 128)
    git_repo.write(".dvc/config", "")
    git_repo.write(
        "dvc.yaml", f"stages:\n  t:\n    cmd: x\n    deps: [{dep}]\n    outs: [model.pkl]\n"
    )
    git_repo.write(
        "dvc.lock",
        f"schema: '2.0'\nstages:\n  t:\n    cmd: x\n    deps:\n{recorded}"
        f"    outs:\n{item('model.pkl', '1' * 32, 9)}".replace("      hash: md5\n", kind),
    )
    git_repo.write(path, COLLISION)
    git_repo.commit("Base")
    git_repo.branch("hostile")
    git_repo.write(path, OTHER)
    status, report = compared(git_repo)
    assert status == 1
    # The history of the lock shows that the content changed since.
    assert found(report, "stale-model").keys() == {"model.pkl"}


def in_a_dvc_file(path: str, text: str) -> str:
    return f"outs:\n- path: {path}\n  hash: md5\n  md5: {text}\n  size: 9\n"


def tracked_by_hand(repo: GitRepo) -> None:
    """Remove the stage, and track its models with the hashes that the run recorded."""
    replaced("dvc.yaml", PIPELINE[PIPELINE.index("  train:") :], "")(repo)
    replaced("dvc.lock", lock()[lock().index("  train:") :], "")(repo)
    repo.write("model.pkl.dvc", in_a_dvc_file("model.pkl", "1" * 32))
    repo.write("net.out.dvc", in_a_dvc_file("net.out", "2" * 32) + "  type: model\n")


def without_its_outs(repo: GitRepo) -> None:
    outs = f"    outs:\n{item('model.pkl', '1' * 32, 9)}{item('net.out', '2' * 32, 9)}"
    tracked_by_hand(repo)
    repo.write("dvc.yaml", PIPELINE.replace("    outs: [model.pkl, net.out: {type: model}]\n", ""))
    repo.write("dvc.lock", lock().replace(outs, ""))


@pytest.mark.parametrize("take", [tracked_by_hand, without_its_outs])
@pytest.mark.parametrize("edit", [edited, params(""), written("src/b.py", "evil\n")])
def test_a_model_that_is_tracked_by_hand_now(repo: GitRepo, take: Hide, edit: Hide) -> None:
    take(repo)
    edit(repo)
    lost(repo, "tracked by hand now", "model.pkl", "net.out")


def without_its_code(repo: GitRepo) -> None:
    repo.git("rm", "-rq", "train.py", "src", "params.yaml")


@pytest.mark.parametrize("clean", [without_its_code, lambda repo: None])
def test_a_model_of_a_removed_pipeline_may_stay_tracked(repo: GitRepo, clean: Hide) -> None:
    tracked_by_hand(repo)
    clean(repo)
    status, report = compared(repo)
    assert status == 0
    assert not found(report, "freshness-lost")
    assert {model["path"] for model in report["models"] if model["affected"]} == {
        "model.pkl",
        "net.out",
    }


def renamed_out(repo: GitRepo) -> None:
    for file in ("dvc.yaml", "dvc.lock"):
        replaced(file, "model.pkl", "m2.pkl")(repo)


def renamed_with_its_stage(repo: GitRepo) -> None:
    renamed_out(repo)
    for file in ("dvc.yaml", "dvc.lock"):
        replaced(file, "  train:", "  learn:")(repo)


@pytest.mark.parametrize("rename", [renamed_out, renamed_with_its_stage])
def test_a_model_under_a_name_that_says_no_model(repo: GitRepo, rename: Hide) -> None:
    rename(repo)
    edited(repo)
    lost(repo, "nothing makes it after this change", "model.pkl")


MODELS = f"{item('model.pkl', '1' * 32, 9)}{item('net.out', '2' * 32, 9)}"


def into_a_folder(repo: GitRepo) -> None:
    """Let the stage make a folder that nothing calls a model, with a hash of its own."""
    replaced("dvc.yaml", "[model.pkl, net.out: {type: model}]", "[made]")(repo)
    replaced("dvc.lock", MODELS, item("made", f"{'8' * 32}.dir", 9))(repo)


def into_a_folder_of_a_renamed_stage(repo: GitRepo) -> None:
    into_a_folder(repo)
    for file in ("dvc.yaml", "dvc.lock"):
        replaced(file, "  train:", "  learn:")(repo)


def into_a_folder_of_another_pipeline(repo: GitRepo) -> None:
    into_a_folder(repo)
    for file in ("dvc.yaml", "dvc.lock"):
        text = (repo.path / file).read_text()
        at = text.index("  train:")
        repo.write(file, text[:at])
        stage = text[at:].replace("  train:\n", "  train:\n    wdir: ..\n")
        start = "stages:\n" if file == "dvc.yaml" else "schema: '2.0'\nstages:\n"
        repo.write(f"sub/{file}", start + (stage if file == "dvc.yaml" else text[at:]))


@pytest.mark.parametrize(
    "move",
    [into_a_folder, into_a_folder_of_a_renamed_stage, into_a_folder_of_another_pipeline],
)
@pytest.mark.parametrize("edit", [edited, params(""), written("src/b.py", "evil\n")])
def test_a_model_inside_something_that_says_no_model(repo: GitRepo, move: Hide, edit: Hide) -> None:
    move(repo)
    edit(repo)
    lost(repo, "nothing makes it after this change", "model.pkl", "net.out")


@pytest.mark.parametrize(
    "move",
    [into_a_folder, into_a_folder_of_a_renamed_stage, into_a_folder_of_another_pipeline],
)
def test_models_may_move_into_a_folder(repo: GitRepo, move: Hide) -> None:
    move(repo)
    status, report = compared(repo)
    assert status == 0
    assert not found(report, "freshness-lost")


def made_by_another_stage(repo: GitRepo) -> None:
    """Let another stage, with an input of its own, have made the same models."""
    replaced("dvc.yaml", "    outs: [model.pkl, net.out: {type: model}]", "    outs: [x.bin]")(repo)
    replaced("dvc.lock", MODELS, item("x.bin", "4" * 32, 9))(repo)
    repo.write("export.py", "export\n")
    for file, text in {
        "dvc.yaml": "    deps: [export.py]\n    outs: [model.pkl, net.out: {type: model}]\n",
        "dvc.lock": f"    deps:\n{item('export.py', digest('export' + chr(10)), 7)}"
        f"    outs:\n{MODELS}",
    }.items():
        old = (repo.path / file).read_text()
        repo.write(file, f"{old}  export:\n    cmd: python export.py\n{text}")


def test_the_same_model_of_another_stage(repo: GitRepo) -> None:
    made_by_another_stage(repo)
    edited(repo)
    _, report = compared(repo)
    (note,) = found(report, "same-result").values()
    assert note["subject"] == "dvc.yaml:export"
    assert "another `command` than before, and the same `model.pkl`" in note["message"]


def test_a_model_may_have_another_name(repo: GitRepo) -> None:
    renamed_out(repo)
    status, report = compared(repo)
    assert status == 0
    assert not found(report, "freshness-lost")


@pytest.mark.parametrize("kind", ["etag", "checksum", "version_id"])
def test_a_hash_that_dvc_records_of_no_local_file(repo: GitRepo, kind: str) -> None:
    edited(repo)
    old = held("train.py")
    replaced("dvc.lock", old, old.replace("      hash: md5\n      md5", f"      {kind}"))(repo)
    status, report = compared(repo)
    assert status == 1
    assert found(report, "stale-model").keys() >= {"model.pkl", "net.out"}


def without_the_dep(repo: GitRepo) -> None:
    replaced("dvc.yaml", "[train.py, ", "[")(repo)
    replaced("dvc.lock", held("train.py"), "")(repo)
    edited(repo)


def without_the_param(repo: GitRepo) -> None:
    replaced("dvc.yaml", "    params: [lr]\n", "")(repo)
    replaced("dvc.lock", "    params:\n      params.yaml:\n        lr: 1\n", "")(repo)
    params("")(repo)


@pytest.mark.parametrize(
    ("drop", "word"), [(without_the_dep, "train.py"), (without_the_param, "params.yaml:lr")]
)
def test_a_lock_that_no_longer_records_an_input(repo: GitRepo, drop: Hide, word: str) -> None:
    drop(repo)
    _, report = compared(repo)
    (note,) = found(report, "same-result").values()
    assert f"no longer records `{word}`" in note["message"]


def moved(path: str, target: str) -> Hide:
    def hide(repo: GitRepo) -> None:
        repo.write(target, (repo.path / path).read_bytes())
        repo.remove(path)

    return hide


def ignored(*lines: str, file: str = ".dvcignore") -> Hide:
    return written(file, "".join(f"{line}\n" for line in lines))


def other_project(repo: GitRepo) -> None:
    repo.remove(".dvc/config")
    repo.write("elsewhere/.dvc/config", "")


@pytest.mark.parametrize(
    ("hide", "word"),
    [
        (ignored("dvc.yaml"), "`.dvcignore` excludes `dvc.yaml`"),
        (ignored("# note", "*.yaml"), "`.dvcignore` excludes `dvc.yaml`"),
        (other_project, "does not read"),
        (moved("dvc.yaml", "dvc.yml"), "is `dvc.yml` now"),
        (moved("dvc.yaml", "DVC.yaml"), "is `DVC.yaml` now"),
        (moved("dvc.yaml", ".dvc/dvc.yaml"), "is `.dvc/dvc.yaml` now"),
        (moved("dvc.yaml", "pipelines/dvc.yaml.bak"), "is `pipelines/dvc.yaml.bak` now"),
        (lambda repo: repo.remove("dvc.yaml"), "its lock, `dvc.lock`, is still there"),
        (written("dvc.yaml", ""), "its lock, `dvc.lock`, is still there"),
        (written("dvc.yaml", "stages: {}\n"), "its lock, `dvc.lock`, is still there"),
        (
            lambda repo: (
                moved("dvc.yaml", "dvc.yml")(repo),
                repo.write("dvc.yaml", "stages:\n  a:\n    cmd: x\n"),
            ),
            "is `dvc.yml` now",
        ),
        (submodule("dvc.yaml"), "submodule"),
    ],
)
def test_a_pipeline_out_of_sight_is_an_error(repo: GitRepo, hide: Hide, word: str) -> None:
    edited(repo)
    hide(repo)
    lost(repo, word, "model.pkl", "net.out")


@pytest.mark.parametrize(
    ("hide", "word"),
    [
        (ignored("big"), "`.dvcignore` excludes `big/dvc.yaml`"),
        (ignored("dvc.yaml", file="big/.dvcignore"), "`big/.dvcignore` excludes"),
        (submodule("big"), "`big` is a link, a submodule"),
        (relinked("big", "/usr/lib"), "`big` is a link, a submodule"),
        (written("b.dvc", f"outs:\n- path: big\n  md5: {'d' * 32}.dir\n"), "does not read"),
        (lambda repo: repo.remove("big/dvc.yaml"), "its lock, `big/dvc.lock`, is still there"),
    ],
)
def test_a_folder_out_of_sight_is_an_error(repo: GitRepo, hide: Hide, word: str) -> None:
    hide(repo)
    lost(repo, word, "big/model.pkl")


@pytest.mark.parametrize(
    "hide",
    [
        edited,
        params(""),
        written("src/l", "x"),
        relinked("params.yaml", "/etc/params.yaml"),
        written("params.yaml", POINTER),
        relinked("src/a.py", "/nowhere"),
        replaced("dvc.yaml", "    cmd: python train.py", "    always_changed: true\n    cmd: x"),
        replaced("dvc.yaml", "cmd: python train.py", "wdir: big\n    cmd: python train.py"),
        replaced("dvc.yaml", "cmd: python train.py", "cmd: python train.py ${nothing}"),
        replaced("dvc.yaml", "  train:", "  train:\n    foreach: ${nothing}\n    do:"),
        replaced("dvc.yaml", "data/raw.csv", "s3://bucket/raw.csv"),
        replaced("dvc.lock", "schema: '2.0'", "schema: '3.0'"),
        replaced("dvc.lock", "schema: '2.0'", "<<<<<<< ours\nschema: '2.0'"),
        written("dvc.lock", POINTER),
        written("dvc.lock", "[]"),
        relinked("dvc.lock", "/etc/dvc.lock"),
        relinked("dvc.yaml", "/etc/dvc.yaml"),
        written("dvc.yaml", POINTER),
        lambda repo: repo.remove("dvc.lock"),
        ignored("dvc.lock"),
        lambda repo: repo.git("mv", "train.py", "Train.py"),
        lambda repo: (repo.remove("train.py"), repo.write("train.py/x.py", "x")),
        lambda repo: (
            repo.git("rm", "-q", "train.py"),
            repo.write("train.py.dvc", f"outs:\n- path: train.py\n  md5: {'e' * 32}\n"),
        ),
    ],
)
def test_its_neighbours_are_red_already(repo: GitRepo, hide: Hide) -> None:
    hide(repo)
    status, report = compared(repo)
    assert status in (1, 2), report["findings"]
    assert any(item["severity"] == "error" for item in report["findings"])
    assert any(model["affected"] for model in report["models"])


@pytest.mark.parametrize(
    ("source", "size", "rule", "status"),
    [
        ("print(1)  # other\n", None, "edited-lock", 1),
        ("print(1)  # other\n", 18, "same-result", 0),
        ("print(2)\n", None, "same-result", 0),
    ],
)
def test_a_lock_edited_by_hand(
    repo: GitRepo, source: str, size: int | None, rule: str, status: int
) -> None:
    repo.write("train.py", source)
    new = held("train.py").replace(digest(FILES["train.py"]), digest(source))
    new = new if size is None else new.replace("size: 9", f"size: {size}")
    replaced("dvc.lock", held("train.py"), new)(repo)
    ended, report = compared(repo)
    assert ended == status
    (finding,) = [item for item in report["findings"] if item["rule"] == rule]
    assert finding["severity"] == ("error" if status else "info")
    assert "train.py" in finding["message"]
    assert finding["file"] == "dvc.lock"
