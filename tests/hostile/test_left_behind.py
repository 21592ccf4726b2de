"""A stage that is gone, moved or declares less leaves its model behind: no edit hides there."""

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

TRAIN, RUN = PIPELINE.index("  train:"), lock().index("  train:")
MODELS = {"model.pkl": "1" * 32, "net.out": "2" * 32}
OUTS = "outs: [model.pkl, net.out: {type: model}]"
CONTENT = "MODEL\n"
ARTIFACT = "artifacts:\n  m: {path: model.pkl, type: model}\n"
DATASET = "datasets:\n- name: d\n  type: url\n  url: s3://b/x\n"


def tracked(
    folder: str = "", source: str = "", scheme: str = "  hash: md5\n", known: bool = True
) -> Act:
    """Let `.dvc` files have the models of the stage, which is gone, with a `source` or by hand."""

    def version(value: str) -> str:
        return f"{scheme}  md5: {value}\n  size: 9\n" if known else ""

    def track(repo: GitRepo) -> None:
        without_train(repo)
        for path, value in MODELS.items():
            mark = "  type: model\n" if path == "net.out" else ""
            repo.write(
                f"{folder}{path}.dvc",
                f"{source}outs:\n- path: {path}\n{version(value)}{mark}",
            )

    return track


def imported(source: str, known: bool = True) -> Act:
    return tracked(source=f"md5: {'b' * 32}\nfrozen: true\ndeps:\n{source}", known=known)


URL = imported("- path: https://example.com/m\n  etag: abc\n  size: 9\n")
REPO = imported(f"- path: m\n  repo:\n    url: https://example.com/x\n    rev_lock: {'a' * 40}\n")


def in_git(repo: GitRepo) -> None:
    """Let Git hold the model that the stage makes, not DVC."""
    replaced("dvc.yaml", OUTS, "outs: [model.pkl: {cache: false}, net.csv]")(repo)
    old, new = (
        item("model.pkl", value, size) for value, size in (("1" * 32, 9), (digest(CONTENT), 6))
    )
    replaced("dvc.lock", old, new)(repo)
    replaced("dvc.lock", "net.out", "net.csv")(repo)
    repo.write("model.pkl", CONTENT)


def with_artifact(repo: GitRepo) -> None:
    repo.write("dvc.yaml", f"{(repo.path / 'dvc.yaml').read_text()}{ARTIFACT}")


def in_git_by_name(repo: GitRepo) -> None:
    in_git(repo)
    with_artifact(repo)


def without_train_but_its_name(repo: GitRepo) -> None:
    without_train(repo)
    with_artifact(repo)


def under_another_name(repo: GitRepo) -> None:
    without_train(repo)
    repo.git("mv", "model.pkl", "served.bin")
    repo.write("dvc.yaml", f"{(repo.path / 'dvc.yaml').read_text()}{ARTIFACT}")
    replaced("dvc.yaml", "path: model.pkl", "path: served.bin")(repo)


def prepare_left_in_git(repo: GitRepo) -> None:
    """Commit what the first stage made, and remove it."""
    repo.write("dvc.yaml", f"stages:\n{PIPELINE[TRAIN:]}")
    text = (repo.path / "dvc.lock").read_text()
    repo.write("dvc.lock", f"schema: '2.0'\nstages:\n{text[text.index('  train:') :]}")
    repo.write("clean.csv", "CLEAN\n")


def cleaned(repo: GitRepo) -> None:
    text = lock().replace("c" * 32, digest("CLEAN\n")).replace("size: 7", "size: 6")
    repo.write("dvc.lock", text)


def into_a_folder(repo: GitRepo) -> None:
    """Move the pipeline of the models, not its files, into a folder."""
    repo.write("dvc.yaml", PIPELINE[:TRAIN])
    repo.write("dvc.lock", lock()[:RUN])
    entry = (
        lock()[RUN:].replace("- path: ", "- path: ../").replace("params.yaml:", "../params.yaml:")
    )
    repo.write("sub/dvc.lock", f"schema: '2.0'\nstages:\n{entry}")
    repo.write(
        "sub/dvc.yaml",
        "stages:\n  train:\n    cmd: python train.py\n"
        "    deps: [../train.py, ../src, ../clean.csv, ../data/raw.csv]\n"
        "    params: [../params.yaml: [lr]]\n"
        "    outs: [../model.pkl, ../net.out: {type: model}]\n",
    )


def with_its_files(repo: GitRepo) -> None:
    """Move a pipeline and its files."""
    repo.git("mv", "big", "huge")


def all_anew(repo: GitRepo) -> None:
    """Name the stage and all of its outs anew."""
    for file in ("dvc.yaml", "dvc.lock"):
        text = (repo.path / file).read_text()
        for old, new in (("  train:", "  fit:"), ("model.pkl", "best.pt"), ("net.out", "net.bin")):
            text = text.replace(old, new)
        repo.write(file, text)


def conf(repo: GitRepo) -> None:
    """Let the stage take its param from a file that no other stage takes."""
    replaced("dvc.yaml", "params: [lr]", "params: [conf.yaml: [lr, n]]")(repo)
    replaced("dvc.lock", "params.yaml:\n", "conf.yaml:\n        n: 1\n")(repo)
    repo.write("conf.yaml", "lr: 1\nn: 1\n")


def with_dataset(repo: GitRepo) -> None:
    replaced("dvc.yaml", "[train.py, ", "[ds://d, train.py, ")(repo)
    repo.write("dvc.yaml", f"{DATASET}{(repo.path / 'dvc.yaml').read_text()}")
    kind = "name: d\n        type: url\n        url: s3://b/x\n        meta: {etag: a}\n"
    entry = f"    - path: ds://d\n      hash: md5\n      dataset:\n        {kind}"
    start = "  train:\n    cmd: python train.py\n    deps:\n"
    repo.write("dvc.lock", f"{lock().replace(start, start + entry)}{DATASET}  meta: {{etag: a}}\n")


def no_more_in_git(repo: GitRepo) -> None:
    repo.remove("model.pkl")
    repo.write(".gitignore", "/model.pkl\n")


def no_more_tracked(repo: GitRepo) -> None:
    """Let nothing make an input any more, and the lock record another version of it."""
    repo.write("dvc.yaml", f"stages:\n{PIPELINE[TRAIN:]}")
    text = lock()[RUN:].replace("c" * 32, "d" * 32)
    repo.write("dvc.lock", f"schema: '2.0'\nstages:\n{text}")
    repo.write(".gitignore", "/clean.csv\n")


def gone_and_renewed(repo: GitRepo) -> None:
    """Let Git hold an input no more, and the lock record another version of it."""
    repo.remove("train.py")
    text = (repo.path / "dvc.lock").read_text()
    repo.write("dvc.lock", text.replace(digest("print(1)\n"), "d" * 32))


def swapped_names(repo: GitRepo) -> None:
    for file in ("dvc.yaml", "dvc.lock"):
        text = (repo.path / file).read_text()
        text = text.replace("  train:", "  swap:").replace("  prepare:", "  train:")
        repo.write(file, text.replace("  swap:", "  prepare:"))


def relinked_prepare(repo: GitRepo) -> None:
    repo.remove("prepare.py")
    repo.symlink("prepare.py", "/usr/lib/x.py")


def elsewhere(repo: GitRepo) -> None:
    """Let the stage run in a folder that never held its inputs."""
    old = "    cmd: python train.py\n    deps: [train.py, src, clean.csv, data/raw.csv]\n"
    new = old.replace("    cmd", "    wdir: data\n    cmd").replace("src, ", "")
    replaced("dvc.yaml", old + "    params: [lr]\n", new)(repo)


ALWAYS = replaced(
    "dvc.yaml", "    cmd: python train.py", "    always_changed: true\n    cmd: python train.py"
)
FROZEN = replaced(
    "dvc.yaml", "    cmd: python train.py", "    frozen: true\n    cmd: python train.py"
)
NO_DEP = replaced("dvc.yaml", "[train.py, ", "[")
NO_PARAM = replaced("dvc.yaml", "    params: [lr]\n", "")
NO_TYPE = replaced("dvc.yaml", ": {type: model}", "")
NO_DATASET = replaced("dvc.yaml", "[ds://d, ", "[")
NEW_CONF = written("conf.yaml", "lr: 2\nn: 1\n")
NEW_CODE = written("src/b.py", "evil\n")
NOT_CACHED = replaced("dvc.yaml", "[model.pkl, ", "[model.pkl: {cache: false}, ")
IGNORED = written(".gitignore", "/model.pkl\n")
NO_ARTIFACT = replaced("dvc.yaml", ARTIFACT, "")
BOTH = ("model.pkl", "net.out")


@pytest.mark.parametrize(
    ("base", "hide", "edit", "word", "models"),
    [
        (nothing, URL, edited, "is an import now", BOTH),
        (nothing, URL, NEW_LR, "is an import now", BOTH),
        (nothing, REPO, NEW_CODE, "is an import now", BOTH),
        (
            nothing,
            tracked("models/"),
            edited,
            "by hand now",
            ("models/model.pkl", "models/net.out"),
        ),
        (in_git, without_train, edited, "Git still holds `model.pkl`", ("model.pkl",)),
        (in_git, without_train, NEW_LR, "Git still holds `model.pkl`", ("model.pkl",)),
        (in_git_by_name, without_train_but_its_name, edited, "Git still holds", ("model.pkl",)),
        (in_git_by_name, under_another_name, edited, "the content of `model.pkl`", ("model.pkl",)),
        (nothing, tracked(scheme=""), edited, "by hand now", BOTH),
        (
            nothing,
            imported("- path: s3://b/m\n  size: 9\n", known=False),
            edited,
            "an import",
            BOTH,
        ),
        (
            in_git,
            replaced("dvc.yaml", "model.pkl: {cache: false}, ", ""),
            edited,
            "train.py",
            BOTH[:1],
        ),
        (cleaned, prepare_left_in_git, NEW_PREPARE, "Git still holds `clean.csv`", BOTH),
        (
            nothing,
            both(into_a_folder, replaced("sub/dvc.yaml", "../train.py, ", "")),
            edited,
            "no longer declares `train.py`",
            BOTH,
        ),
        (
            nothing,
            both(
                into_a_folder, replaced("sub/dvc.yaml", "    params: [../params.yaml: [lr]]\n", "")
            ),
            NEW_LR,
            "params.yaml:lr",
            BOTH,
        ),
        (
            nothing,
            both(with_its_files, replaced("huge/dvc.yaml", "    deps: [fit.py]\n", "")),
            written("huge/fit.py", "evil\n"),
            "no longer declares `huge/fit.py`",
            ("huge/model.pkl",),
        ),
        (nothing, both(all_anew, NO_DEP), edited, "no longer declares `train.py`", ("best.pt",)),
        (
            conf,
            replaced("dvc.yaml", "    params: [conf.yaml: [lr, n]]\n", ""),
            NEW_CONF,
            "conf.yaml:lr",
            BOTH,
        ),
        (conf, replaced("dvc.yaml", "[lr, n]", "[n]"), NEW_CONF, "conf.yaml:lr", BOTH),
        (conf, tracked(), NEW_CONF, "by hand now", BOTH),
        (
            with_dataset,
            NO_DATASET,
            replaced("dvc.lock", "x\n  meta: {etag: a}", "x\n  meta: {etag: b}"),
            "no longer declares `ds://d`",
            BOTH,
        ),
        (
            with_dataset,
            NO_DATASET,
            replaced("dvc.yaml", "s3://b/x", "s3://b/y"),
            "no longer declares `ds://d`",
            BOTH,
        ),
        (ALWAYS, FROZEN, edited, "`frozen`", BOTH),
        (ALWAYS, NO_DEP, edited, "no longer declares `train.py`", BOTH),
        (ALWAYS, NO_PARAM, NEW_LR, "params.yaml:lr", BOTH),
        (ALWAYS, NO_TYPE, edited, "no longer calls it one", BOTH[1:]),
        (ALWAYS, tracked(), edited, "by hand now", BOTH),
        (NOT_CACHED, IGNORED, nothing, "DVC does not keep it", BOTH[:1]),
        (in_git, no_more_in_git, nothing, "DVC does not keep it", BOTH[:1]),
        (nothing, no_more_tracked, nothing, "`clean.csv`: Git ignores it", BOTH),
        (nothing, both(swapped_names, relinked_prepare), nothing, "`prepare.py`", BOTH),
        (nothing, elsewhere, nothing, "neither Git nor DVC tracks it", ("data/model.pkl",)),
        (nothing, gone_and_renewed, nothing, "`train.py`: neither Git nor DVC tracks it", BOTH),
        (
            ALWAYS,
            written(".dvcignore", "dvc.yaml\n"),
            edited,
            "was unknown, and this change hides",
            BOTH,
        ),
    ],
)
def test_no_edit_hides_where_a_stage_left_a_model(
    repo: GitRepo, base: Act, hide: Act, edit: Act, word: str, models: tuple[str, ...]
) -> None:
    based(repo, base)
    hide(repo)
    edit(repo)
    status, report = compared(repo)
    lost = found(report, "freshness-lost")
    assert status == 1, report["findings"]
    for model in models:
        assert lost[model]["severity"] == "error"
        assert word in lost[model]["message"], lost[model]["message"]


OTHER_MODEL = both(without_train_but_its_name, edited, written("model.pkl", "OTHER\n"))


@pytest.mark.parametrize(
    ("base", "change"),
    [
        (nothing, URL),
        (nothing, REPO),
        (nothing, tracked("models/")),
        (nothing, tracked(scheme="")),
        (in_git_by_name, under_another_name),
        (in_git, without_train),
        (in_git_by_name, without_train_but_its_name),
        (in_git_by_name, both(without_train_but_its_name, written("notes.md", "x\n"))),
        (in_git, both(without_train, edited, lambda repo: repo.remove("model.pkl"))),
        (in_git_by_name, OTHER_MODEL),
        (cleaned, prepare_left_in_git),
        (nothing, into_a_folder),
        (nothing, both(into_a_folder, replaced("sub/dvc.yaml", "../train.py, ", ""))),
        (nothing, both(with_its_files, replaced("huge/dvc.yaml", "    deps: [fit.py]\n", ""))),
        (nothing, both(all_anew, NO_DEP)),
        (conf, both(replaced("dvc.yaml", "[lr, n]", "[n]"), written("conf.yaml", "n: 1\n"))),
        (
            conf,
            both(
                replaced("dvc.yaml", "[lr, n]", "[n]"), written("conf.yaml", "lr: 1\nn: 1\na: 2\n")
            ),
        ),
        (with_dataset, NO_DATASET),
        (ALWAYS, FROZEN),
        (ALWAYS, both(NO_DEP, FROZEN)),
        (both(FROZEN, edited), tracked()),
        (both(FROZEN, edited), URL),
        (both(NOT_CACHED, IGNORED), written("notes.md", "x\n")),
        (both(NOT_CACHED, IGNORED, with_artifact), NO_ARTIFACT),
    ],
)
def test_to_leave_a_model_alone_hides_nothing(repo: GitRepo, base: Act, change: Act) -> None:
    based(repo, base)
    change(repo)
    status, report = compared(repo)
    assert (status, found(report, "freshness-lost")) == (0, {})


def raw(value: str, scheme: str = "  hash: md5\n", size: int = 4) -> str:
    return f"outs:\n- path: raw.csv\n{scheme}  md5: {value}\n  size: {size}\n"


def by_dvc(scheme: str = "  hash: md5\n") -> Act:
    """Let DVC track the data, with a hash of DVC 3 or, without a `scheme`, of DVC 2."""

    def track(repo: GitRepo) -> None:
        repo.remove("data/raw.csv")
        repo.write("data/raw.csv.dvc", raw(digest("1,2\n"), scheme))
        if not scheme:
            unschemed(repo)

    return track


def unschemed(repo: GitRepo) -> None:
    """Let the lock have the hash of the data without its scheme."""
    old = "    - path: data/raw.csv\n      hash: md5\n"
    replaced("dvc.lock", old, "    - path: data/raw.csv\n")(repo)


def rerun(repo: GitRepo) -> None:
    """Let the lock record other data, in a scheme in which nothing else is recorded."""
    unschemed(repo)
    replaced("dvc.lock", digest("1,2\n"), "8" * 32)(repo)


OLD_SCHEME = written("data/raw.csv.dvc", raw("9" * 32, ""))
NEW_DATA = written("data/raw.csv.dvc", raw("9" * 32))
LISTED = both(
    lambda repo: repo.remove("data/raw.csv.dvc"),
    written("data.dvc", f"outs:\n- path: data\n  hash: md5\n  md5: {'9' * 32}.dir\n  size: 4\n"),
)


@pytest.mark.parametrize(
    ("base", "change", "severity"),
    [
        (by_dvc(), OLD_SCHEME, "error"),
        (by_dvc(), both(NEW_DATA, unschemed), "error"),
        (by_dvc(), LISTED, "error"),
        (by_dvc(), both(NEW_DATA, rerun), "warning"),
        (by_dvc(""), NEW_DATA, "warning"),
    ],
)
def test_other_data_in_a_form_that_tells_less(
    repo: GitRepo, base: Act, change: Act, severity: str
) -> None:
    based(repo, base)
    change(repo)
    status, report = compared(repo)
    lost = found(report, "freshness-lost")
    assert status == (severity == "error")
    assert {model: lost[model]["severity"] for model in BOTH} == dict.fromkeys(BOTH, severity)


def test_what_clears_data_that_moved_into_a_folder(repo: GitRepo) -> None:
    based(repo, by_dvc())
    LISTED(repo)
    hint = found(compared(repo)[1], "freshness-lost")["model.pkl"]["hint"]
    # No run of the stage writes its lock file if the content is the same.
    assert "if there is nothing to run, first merge `fetch: [listings]`" in hint
