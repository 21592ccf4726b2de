"""A change that would choose the rules of the next change, or what a suppression covers."""

import json
import shutil
from collections.abc import Callable
from hashlib import md5
from pathlib import Path

import pytest

from tests.hostile.runs import pull_request, run
from tests.support.git_repo import GitRepo

YML, YAML = ".github/lineage-diff.yml", ".github/lineage-diff.yaml"
MODELS = "models: ['*.pkl']\n"
STRICT, LAX = "rules: {stale-model: error}\n", "rules: {stale-model: 'off'}\n"
Found = list[tuple[str, str, str]]


def changed(repo: GitRepo, *arguments: str) -> Found:
    """Return subject, file and severity of each finding of `policy-changed`."""
    ended = run(repo, "compare", "main", "hostile", "--format", "json", *arguments)
    findings = json.loads(ended.out)["findings"]
    return [
        (item["subject"], item["file"], item["severity"])
        for item in findings
        if item["rule"] == "policy-changed"
    ]


def head(folder: Path, before: dict[str, str], links: dict[str, str]) -> GitRepo:
    """Return a repository whose base has the files and links, with the head checked out."""
    repo = pull_request(folder / "repo")
    repo.checkout("main")
    for path, text in before.items():
        repo.write(path, text)
    for path, target in links.items():
        repo.symlink(path, target)
    repo.commit()
    repo.git("branch", "-f", "hostile", "main")
    repo.checkout("hostile")
    return repo


def links_to(path: str, target: str) -> Callable[[GitRepo], object]:
    def act(repo: GitRepo) -> None:
        here = repo.path / path
        if here.is_dir() and not here.is_symlink():
            shutil.rmtree(here)
        else:
            here.unlink(missing_ok=True)
        repo.symlink(path, target)

    return act


def writes(path: str, text: str = LAX) -> Callable[[GitRepo], object]:
    return lambda repo: repo.write(path, text)


def moves(old: str, new: str) -> Callable[[GitRepo], object]:
    return lambda repo: (repo.path / old).replace(repo.write(new, ""))


def is_submodule(repo: GitRepo) -> None:
    shutil.rmtree(repo.path / ".github")
    inner = GitRepo(repo.path / ".github")
    inner.write("lineage-diff.yml", LAX)
    inner.commit()


CONF = {"conf/lineage-diff.yml": STRICT, "other/lineage-diff.yml": LAX}


@pytest.mark.parametrize(
    ("before", "links", "act", "config", "found"),
    [
        ({}, {}, writes(YML), None, [(YML, YML)]),
        ({}, {}, writes(YAML), None, [(YAML, YAML)]),
        ({YML: STRICT}, {}, writes(YML), None, [(YML, YML)]),
        ({YML: STRICT}, {}, moves(YML, YAML), None, [(YAML, YAML), (YML, YML)]),
        ({YML: STRICT}, {}, lambda repo: repo.remove(YML), None, [(YML, YML)]),
        ({**CONF, YML: STRICT}, {}, links_to(YML, "../conf/lineage-diff.yml"), None, [(YML, YML)]),
        (CONF, {}, links_to(".github", "conf"), None, [(YML, ".github")]),
        (CONF, {".github": "conf"}, links_to(".github", "other"), None, [(YML, ".github")]),
        (
            CONF,
            {".github": "conf"},
            writes("conf/lineage-diff.yml"),
            None,
            [(YML, "conf/lineage-diff.yml")],
        ),
        (
            CONF,
            {YML: "../conf/lineage-diff.yml"},
            writes("conf/lineage-diff.yml"),
            None,
            [(YML, "conf/lineage-diff.yml")],
        ),
        (
            CONF,
            {YML: "../conf/lineage-diff.yml"},
            lambda repo: repo.remove("conf/lineage-diff.yml"),
            None,
            [(YML, "conf/lineage-diff.yml")],
        ),
        (
            CONF,
            {"one": "conf", YML: "../one/lineage-diff.yml"},
            links_to("one", "other"),
            None,
            [(YML, "other/lineage-diff.yml")],
        ),
        ({**CONF, YML: STRICT}, {}, is_submodule, None, [(YML, YML)]),
        ({}, {}, writes(".GitHub/lineage-diff.yml"), None, [(".GitHub/lineage-diff.yml",) * 2]),
        ({}, {}, writes(".github/Lineage-Diff.YAML"), None, [(".github/Lineage-Diff.YAML",) * 2]),
        (CONF, {}, links_to(".GITHUB", "other"), None, [(".GITHUB", ".GITHUB")]),
        ({"own.yml": STRICT}, {}, writes("own.yml"), "own.yml", [("own.yml", "own.yml")]),
        (
            {"own.yml": STRICT, **CONF},
            {},
            links_to("own.yml", "conf/lineage-diff.yml"),
            "own.yml",
            [("own.yml", "own.yml")],
        ),
        (
            CONF,
            {"own.yml": "conf/lineage-diff.yml"},
            writes("conf/lineage-diff.yml"),
            "own.yml",
            [("own.yml", "conf/lineage-diff.yml")],
        ),
        ({**CONF, YML: STRICT}, {}, writes("conf/lineage-diff.yml"), None, []),
        (CONF, {}, writes(".github/workflows/x.yml", "on: push\n"), None, []),
        ({}, {}, writes("sub/.github/lineage-diff.yml"), None, []),
    ],
    ids=[
        "adds",
        "adds the other name",
        "edits",
        "renames",
        "removes",
        "file becomes link",
        "folder becomes link",
        "folder's link leads elsewhere",
        "behind the folder's link",
        "behind the link",
        "link leads nowhere",
        "link in the middle",
        "submodule",
        "folder in other case",
        "file in other case",
        "folder's link in other case",
        "named by --config",
        "named, becomes link",
        "named, behind the link",
        "not read by anybody",
        "another file beside it",
        "not at the root",
    ],
)
def test_whatever_will_be_read_for_policy_is_seen(
    tmp_path: Path,
    before: dict[str, str],
    links: dict[str, str],
    act: Callable[[GitRepo], object],
    config: str | None,
    found: list[tuple[str, str]],
) -> None:
    repo = head(tmp_path, before, links)
    act(repo)
    repo.commit()
    arguments = ("--config", config) if config else ()
    assert changed(repo, *arguments) == [(*item, "warning") for item in found]


CONFIG = "[core]\n  remote = team\n['remote \"team\"']\n  url = {url}\n"


@pytest.mark.parametrize(
    ("fetch", "text", "seen"),
    [
        ("fetch: [metrics]\n", CONFIG.format(url="/mnt/other"), True),
        ("check: [pushed]\n", CONFIG.format(url="/mnt/other"), True),
        ("fetch: [metrics]\n", CONFIG.format(url="/mnt/data").replace("team\n[", "x\n["), True),
        ("fetch: [metrics]\n", "", True),
        ("fetch: [metrics]\n", CONFIG.format(url="/mnt/data") + "[cache]\n  dir = /tmp/x\n", True),
        ("fetch: [metrics]\n", "[core]\n" * 2 + CONFIG.format(url="/mnt/other"), True),
        ("fetch: [metrics]\n", "# team\n" + CONFIG.format(url="/mnt/data"), False),
        ("fetch: [metrics]\n", CONFIG.format(url="/mnt/data") + "[parsing]\n  bool = x\n", False),
        ("rules: {}\n", CONFIG.format(url="/mnt/other"), False),
    ],
    ids=["url", "check", "usual", "none", "cache", "unreadable", "comment", "parsing", "no fetch"],
)
def test_another_address_to_fetch_from_is_seen(
    tmp_path: Path, fetch: str, text: str, seen: bool
) -> None:
    repo = head(tmp_path, {YML: fetch, ".dvc/config": CONFIG.format(url="/mnt/data")}, {})
    repo.write(".dvc/config", text)
    repo.commit()
    expected = [(".dvc/config", ".dvc/config", "warning")] if seen else []
    assert changed(repo) == expected


COMMENT = "  # lineage-diff: ignore[stale-model] made by hand until June\n"


def stage(name: str, script: str, *outs: str) -> str:
    return f"  {name}:\n    cmd: sh {script}\n    deps: [{script}]\n    outs: [{', '.join(outs)}]\n"


def lock(**stages: tuple[str, str]) -> str:
    """Lock stages, by name with script and out, at the scripts' first text."""
    digest = md5(b"one\n", usedforsecurity=False).hexdigest()
    return "schema: '2.0'\nstages:\n" + "".join(
        f"  {name}:\n    cmd: sh {script}\n    deps:\n"
        f"    - {{path: {script}, hash: md5, md5: {digest}, size: 4}}\n    outs:\n"
        f"    - {{path: {out}, hash: md5, md5: {md5(out.encode()).hexdigest()}, size: 9}}\n"
        for name, (script, out) in stages.items()
    )


A, B = stage("a", "a.sh", "a.pkl"), stage("b", "b.sh", "b.pkl")
FOREACH = (
    "  each:\n    foreach: [{items}]\n    do:\n      cmd: sh ${{item}}.sh\n"
    "      deps: ['${{item}}.sh']\n      outs: ['${{item}}.pkl']\n"
)


def makes_b_stale(
    folder: Path, before: str, locked: str, after: str, relocked: str, script: str = "one\n"
) -> GitRepo:
    """Return a change that makes `b` stale and gives the pipeline another text.

    `script` is that of `a`: another text than the locked one makes `a` stale in the base, too.
    """
    scripts = {"a.sh": script, "b.sh": "one\n", YML: MODELS}
    repo = head(folder, {"dvc.yaml": f"stages:\n{before}", "dvc.lock": locked, **scripts}, {})
    repo.write("dvc.yaml", f"stages:\n{after}")
    repo.write("dvc.lock", relocked)
    repo.write("b.sh", "two\n")
    repo.commit()
    return repo


LOCK = lock(a=("a.sh", "a.pkl"), b=("b.sh", "b.pkl"))
SWAPPED = lock(b=("a.sh", "a.pkl"), a=("b.sh", "b.pkl"))
ITEMS = lock(**{"each@a": ("a.sh", "a.pkl"), "b": ("b.sh", "b.pkl")})
MORE_ITEMS = lock(**{"each@a": ("a.sh", "a.pkl"), "each@b": ("b.sh", "b.pkl")})


@pytest.mark.parametrize(
    ("before", "locked", "after", "relocked", "quiet"),
    [
        (A + COMMENT + B, LOCK, A + COMMENT + B, LOCK, True),
        (A + COMMENT + B, LOCK, COMMENT + B + A, LOCK, True),
        (COMMENT + A + B, LOCK, COMMENT + A + B, LOCK, False),
        (A + B, LOCK, A + COMMENT + B, LOCK, False),
        (
            COMMENT + A + B,
            LOCK,
            COMMENT + stage("a", "b.sh", "b.pkl") + stage("b", "a.sh", "a.pkl"),
            SWAPPED,
            False,
        ),
        (
            COMMENT + A + B,
            LOCK,
            COMMENT + stage("a", "b.sh", "b2.pkl") + stage("b", "a.sh", "a.pkl"),
            SWAPPED.replace("path: b.pkl", "path: b2.pkl"),
            False,
        ),
        (
            COMMENT + A + B,
            LOCK,
            COMMENT + stage("a", "b.sh", "a.pkl", "b.pkl"),
            lock(a=("b.sh", "b.pkl")),
            False,
        ),
        (
            COMMENT + A + B,
            LOCK,
            COMMENT + stage("a", "b.sh", "b.pkl").replace("cmd", "wdir: .\n    cmd"),
            lock(a=("b.sh", "b.pkl")),
            False,
        ),
        (
            COMMENT + A + B,
            LOCK,
            COMMENT + A.replace("  a:\n", "  a: &a\n").replace("a.", "b.") + "  b: *a\n",
            lock(a=("b.sh", "b.pkl")),
            False,
        ),
        (
            COMMENT + FOREACH.format(items="a") + B,
            ITEMS,
            COMMENT + FOREACH.format(items="a, b"),
            MORE_ITEMS,
            False,
        ),
        (
            COMMENT + FOREACH.format(items="a, b"),
            MORE_ITEMS,
            COMMENT + FOREACH.format(items="b, a"),
            MORE_ITEMS,
            True,
        ),
        (
            A + COMMENT + B,
            LOCK,
            A + COMMENT + stage("b", "b.sh", "b.pkl", "log.txt"),
            LOCK,
            True,
        ),
    ],
    ids=[
        "known",
        "moved along",
        "of another stage",
        "new",
        "names swapped",
        "names swapped, out renamed",
        "made beside its own",
        "by wdir",
        "by an anchor",
        "item added",
        "items in another order",
        "out added",
    ],
)
def test_a_suppression_stays_with_what_it_was_written_for(
    tmp_path: Path, before: str, locked: str, after: str, relocked: str, quiet: bool
) -> None:
    repo = makes_b_stale(tmp_path, before, locked, after, relocked)
    ended = run(repo, "compare", "main", "hostile", "--format", "json")
    errors = [item for item in json.loads(ended.out)["findings"] if item["severity"] == "error"]
    stale = [item for item in errors if item["rule"] == "stale-model"]
    assert bool(stale) != quiet, ended.out
    assert (ended.status == 0) == quiet
    assert bool(changed(repo)) == (not quiet and after != COMMENT + A + B)


@pytest.mark.parametrize("moved_on", [False, True], ids=["", "base moved on"])
@pytest.mark.parametrize(
    ("after", "relocked", "stale"),
    [
        (A + B, LOCK, {"a.pkl": "warning", "b.pkl": "error"}),
        (
            stage("a", "b.sh", "b.pkl") + stage("b", "a.sh", "a.pkl"),
            SWAPPED,
            {"a.pkl": "warning", "b.pkl": "error"},
        ),
        (
            stage("a", "b.sh", "b2.pkl") + stage("b", "a.sh", "a.pkl"),
            SWAPPED.replace("path: b.pkl", "path: b2.pkl"),
            {"a.pkl": "warning", "b2.pkl": "error"},
        ),
        (
            stage("a", "a.sh", "b.pkl") + stage("b", "b.sh", "a.pkl"),
            LOCK,
            {"a.pkl": "warning", "b.pkl": "error"},
        ),
        (stage("a", "b.sh", "a.pkl", "b.pkl"), LOCK, {"a.pkl": "warning", "b.pkl": "error"}),
    ],
    ids=["nothing swapped", "names swapped", "out renamed", "outs swapped", "made beside its own"],
)
def test_a_stale_stage_excuses_no_model_of_another(
    tmp_path: Path, after: str, relocked: str, stale: dict[str, str], moved_on: bool
) -> None:
    repo = makes_b_stale(tmp_path, A + B, LOCK, after, relocked, script="zero\n")
    if moved_on:
        repo.checkout("main")
        repo.write("README.md", "more\n")
        repo.commit()
    ended = run(repo, "compare", "main", "hostile", "--format", "json")
    findings = [item for item in json.loads(ended.out)["findings"] if item["rule"] == "stale-model"]
    assert {item["subject"]: item["severity"] for item in findings} == stale
    assert ended.status == 1


@pytest.mark.parametrize("kind", ["model", "pipeline", "known"])
def test_a_model_moved_to_where_errors_are_suppressed(tmp_path: Path, kind: str) -> None:
    out = "sandbox/b.pkl" if kind == "known" else "b.pkl"
    before = {
        YML: f"{MODELS}silence: [{{rule: stale-model, path: 'sandbox/**', reason: x}}]\n",
        "dvc.yaml": "stages:\n" + stage("b", "b.sh", out),
        "dvc.lock": lock(b=("b.sh", out)).replace(md5(out.encode()).hexdigest(), "5" * 32),
        "b.sh": "one\n",
    }
    repo = head(tmp_path, before, {})
    repo.write("b.sh", "two\n")
    if kind == "model":
        for file in ("dvc.yaml", "dvc.lock"):
            repo.write(file, before[file].replace("b.pkl", "sandbox/b.pkl"))
    if kind == "pipeline":
        for file in ("dvc.yaml", "dvc.lock"):
            text = before[file].replace("b.sh", "../b.sh")
            repo.write(f"sandbox/{file}", text.replace("b.pkl", "../b.pkl"))
            repo.remove(file)
    repo.commit()
    ended = run(repo, "compare", "main", "hostile", "--format", "json")
    assert ended.status == (0 if kind == "known" else 1), ended.out
    assert bool(changed(repo)) == (kind != "known")


SANDBOX = B.replace("b.sh", "../b.sh").replace("b.pkl", "../b.pkl")
A_MAKES_B = stage("a", "b.sh", "b.pkl")
SEEN = {"edited-lock", "policy-changed"}


@pytest.mark.parametrize(
    ("before", "after", "path", "found"),
    [
        ({"": A + B}, {"": A + B}, "b", set()),
        ({"": FOREACH.format(items="a, b")}, {"": FOREACH.format(items="b")}, "each", set()),
        ({"": FOREACH.format(items="b")}, {"": stage("each", "b.sh", "b.pkl")}, "each", set()),
        ({"": A + B}, {"": A_MAKES_B + stage("b", "a.sh", "a.pkl")}, "a", SEEN),
        ({"": A + B}, {"": stage("a", "b.sh", "a.pkl", "b.pkl")}, "a", SEEN),
        ({"": B}, {"": A_MAKES_B}, "a…", SEEN),
        ({"": stage("each", "a.sh", "a.pkl") + B}, {"": FOREACH.format(items="b")}, "each", SEEN),
        (
            {"": FOREACH.format(items="a") + B},
            {"": FOREACH.format(items="a, b")},
            "each@*:b.sh",
            {"edited-lock"},
        ),
        ({"": B}, {"sandbox/": SANDBOX}, "sandbox/**", SEEN),
        ({"": B}, {"sandbox/": SANDBOX}, "sandbox/dvc.lock", {"edited-lock"}),
        ({"sandbox/": SANDBOX}, {"sandbox/": SANDBOX}, "sandbox/dvc.lock", set()),
    ],
)
def test_no_stage_takes_the_name_that_an_entry_was_written_for(
    tmp_path: Path,
    before: dict[str, str],
    after: dict[str, str],
    path: str,
    found: set[str],
) -> None:
    policy = f"silence: [{{rule: edited-lock, path: '{path}', reason: x}}]\n"
    pipelines = {f"{place}dvc.yaml": f"stages:\n{text}" for place, text in before.items()}
    repo = head(tmp_path, {YML: policy, "a.sh": "one\n", "b.sh": "one\n", **pipelines}, {})
    for file in pipelines:
        repo.remove(file)
    for place, text in after.items():
        repo.write(f"{place}dvc.yaml", f"stages:\n{text}")
        locked = lock(**dict.fromkeys(("a", "b", "each", "each@b"), ("b.sh", "b.pkl")))
        one, two = (
            md5(text, usedforsecurity=False).hexdigest() for text in (b"one\n", b"longer\n")
        )
        locked = locked.replace(one, two).replace("path: b", f"path: {'../' if place else ''}b")
        repo.write(f"{place}dvc.lock", locked)
    repo.write("b.sh", "longer\n")
    repo.commit()
    ended = run(repo, "compare", "main", "hostile", "--format", "json")
    rules = {item["rule"] for item in json.loads(ended.out)["findings"]}
    assert rules & SEEN == found, ended.out
    assert ended.status == (1 if found else 0)
