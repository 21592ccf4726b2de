"""What the rules learn of real commits: uses, comments, configuration, uncommitted code."""

import hashlib
from collections.abc import Mapping

import pytest

from lineage_diff import limits
from lineage_diff.app.rule_facts import facts_of_change
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.git.repository import open_repository
from lineage_diff.limits import USUAL, Limits
from lineage_diff.lineage.code_usage import PathUse
from lineage_diff.rules.facts import RuleFacts
from tests.support.git_repo import GitRepo
from tests.support.states import state_alone

STAGE = "stages:\n  train:\n    cmd: {cmd}\n    deps: [src/train.py]\n    outs: [m.pkl]\n"


def commit(repo: GitRepo, files: Mapping[str, str]) -> str:
    for name, content in {".dvc/config": "", **files}.items():
        repo.write(name, content)
    return repo.commit()


def facts(
    repo: GitRepo, base: str, head: str, config: str | None = None, limits: Limits = USUAL
) -> tuple[RuleFacts, RuleFacts]:
    repository = open_repository(repo.path).with_limits(limits)
    reader = LineageReader(repository)
    return facts_of_change(
        repository, state_alone(reader, base), state_alone(reader, head), config, {}
    )


def one(repo: GitRepo, files: Mapping[str, str]) -> RuleFacts:
    head = commit(repo, files)
    return facts(repo, head, head)[1]


def imported(facts: RuleFacts, stage: str = "dvc.yaml:train") -> list[str]:
    return [use.path for use in facts.uses[stage].imported]


@pytest.mark.parametrize(
    ("cmd", "files", "paths"),
    [
        ("python src/train.py", {"src/a.py": "x=1"}, ["src/a.py"]),
        (
            "python src/train.py",
            {"src/a.py": "import b", "src/b.py": "x=1"},
            ["src/a.py", "src/b.py"],
        ),
        ("python src/train.py", {"src/a/__init__.py": "x=1"}, ["src/a/__init__.py"]),
        ("python src/train.py", {"src/a/__init__.py": "'''Doc.'''"}, []),
        ("python src/train.py", {"src/a/x.py": "y=1"}, []),
        ("python src/train.py", {"a.py": "x=1"}, []),
        ("python src/train.py", {"a/__init__.py": "x=1"}, ["a/__init__.py"]),
        ("python -m src.train", {"a.py": "x=1"}, ["a.py"]),
        ("python src/train.py", {"src/a.py": "import train"}, ["src/a.py"]),
        ("cat src/train.py", {"src/a.py": "x=1"}, []),
    ],
    ids=[
        "beside the script",
        "through another",
        "package",
        "empty package",
        "folder that an installed package hides",
        "module that Python does not look for",
        "package at the root",
        "module run with -m",
        "circle",
        "not run",
    ],
)
def test_imports_are_followed_as_python_does(
    git_repo: GitRepo, cmd: str, files: Mapping[str, str], paths: list[str]
) -> None:
    base = {"dvc.yaml": STAGE.format(cmd=cmd), "src/train.py": "import a, os, yaml\n"}
    assert imported(one(git_repo, {**base, **files})) == paths


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("from p.b import c", ["src/p/__init__.py", "src/p/b/c.py"]),
        ("from p import b", ["src/p/__init__.py"]),
        ("import p.missing", []),
        ("import p.d", ["src/p/__init__.py", "src/p/d.py"]),
        ("from p.d import anything", ["src/p/__init__.py", "src/p/d.py"]),
        ("from .p.d import x", ["src/p/__init__.py", "src/p/d.py"]),
        ("from ...... import x", []),
    ],
)
def test_names_from_packages(git_repo: GitRepo, text: str, paths: list[str]) -> None:
    files = {
        "dvc.yaml": STAGE.format(cmd="python src/train.py"),
        "src/train.py": text,
        "src/p/__init__.py": "x = 1",
        "src/p/d.py": "x = 1",
        "src/p/b/__init__.py": "",
        "src/p/b/c.py": "x = 1",
    }
    assert imported(one(git_repo, files)) == paths


def test_tracked_paths_that_a_command_and_its_script_use(git_repo: GitRepo) -> None:
    script = (
        "import pandas as pd\nfrom pathlib import Path\n"
        "pd.read_csv('raw.csv')\npd.read_csv('made/x.csv')\npd.read_csv('untracked.csv')\n"
        "open(Path(__file__).parent / 'conf.json')\n"
    )
    files = {
        "dvc.yaml": STAGE.format(cmd="python src/train.py conf/a.toml nowhere.txt")
        + "  make:\n    cmd: make\n    outs: [made]\n",
        "src/train.py": script,
        "src/conf.json": "{}",
        "conf/a.toml": "",
        "raw.csv.dvc": "outs:\n- md5: aa\n  path: raw.csv\n",
    }
    uses = one(git_repo, files).uses["dvc.yaml:train"]
    assert uses.named == (PathUse("conf/a.toml"), PathUse("src/train.py"))
    assert uses.read == (
        PathUse("made/x.csv", "src/train.py", 4),
        PathUse("raw.csv", "src/train.py", 3),
        PathUse("src/conf.json", "src/train.py", 6),
    )


def test_only_whole_keys_of_params_count(git_repo: GitRepo) -> None:
    script = "import yaml\np = yaml.safe_load(open('params.yaml'))\nt = p['t']\nt['a'] + t['b']\n"
    files = {"dvc.yaml": STAGE.format(cmd="python src/train.py"), "src/train.py": script}
    uses = one(git_repo, files).uses["dvc.yaml:train"]
    assert [(use.file, use.key, use.line) for use in uses.params] == [
        ("params.yaml", "t.a", 4),
        ("params.yaml", "t.b", 4),
    ]


def test_nothing_of_a_script_is_run(git_repo: GitRepo) -> None:
    mark = git_repo.path / "ran"
    files = {
        "dvc.yaml": STAGE.format(cmd="python src/train.py"),
        "src/train.py": f"import a\nopen({str(mark)!r}, 'w')\n",
        "src/a.py": f"open({str(mark)!r}, 'w')\n",
    }
    assert imported(one(git_repo, files)) == ["src/a.py"]
    assert not mark.exists()


def test_stages_above_the_limit_are_left_out_on_both_sides(
    git_repo: GitRepo,
) -> None:
    stages = "".join(
        f"  s{n}:\n    cmd: python s{n}.py\n    deps: [s{n}.py]\n    outs: [o{n}]\n"
        for n in range(4)
    )
    files = {"dvc.yaml": "stages:\n" + stages, **{f"s{n}.py": f"x = {n}" for n in range(4)}}
    base = commit(git_repo, files)
    head = commit(git_repo, {"s3.py": "x = 33"})
    old, new = facts(git_repo, base, head, limits=Limits(scripts=2))
    # The changed stage comes first; its older script is the one too many.
    assert set(new.uses) <= set(old.uses)
    assert len(new.uses) == 1


@pytest.mark.parametrize(
    ("most", "known"), [(1, set()), (3, {"dvc.yaml:s0"}), (4, {"dvc.yaml:s0", "dvc.yaml:s1"})]
)
def test_stages_above_the_limit_of_imports_are_left_out(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch, most: int, known: set[str]
) -> None:
    monkeypatch.setattr(limits, "IMPORTS", most)
    stages = "".join(f"  s{n}:\n    cmd: python s{n}.py\n    outs: [o{n}]\n" for n in range(2))
    scripts = {f"s{n}.py": f"import a\nimport b\nx = {n}\n" for n in range(2)}
    files = {"dvc.yaml": f"stages:\n{stages}", "a.py": "x = 1\n", **scripts}
    assert set(one(git_repo, files).uses) == known


@pytest.mark.parametrize(
    ("comment", "line", "expected"),
    [
        (
            "  # lineage-diff: ignore[stale-stage] runs by hand\n",
            3,
            [(("stale-stage",), "runs by hand")],
        ),
        ("  # lineage-diff: ignore[a, b] why\n\n  # more\n", 5, [(("a", "b"), "why")]),
        ("  # lineage-diff: ignore[stale-stage]\n", 3, [(("stale-stage",), "")]),
        ("  # ignore[stale-stage] why\n", 3, []),
    ],
)
def test_comments_above_a_stage(
    git_repo: GitRepo, comment: str, line: int, expected: list[tuple[tuple[str, ...], str]]
) -> None:
    text = STAGE.format(cmd="x").replace("  train:\n", comment + "  train:\n")
    comments = one(git_repo, {"dvc.yaml": text}).ignore_comments
    assert [(item.rules, item.reason) for item in comments] == expected
    assert {(item.file, item.line, item.anchor) for item in comments} <= {
        ("dvc.yaml", line, "train:")
    }


def test_a_comment_on_the_line_of_a_stage(git_repo: GitRepo) -> None:
    text = STAGE.format(cmd="x").replace("train:", "train:  # lineage-diff: ignore[cycle] why")
    (comment,) = one(git_repo, {"dvc.yaml": text}).ignore_comments
    assert (comment.line, comment.anchor) == (2, "train:")


def test_the_configuration_by_its_usual_or_given_name(git_repo: GitRepo) -> None:
    base = commit(git_repo, {"dvc.yaml": STAGE.format(cmd="x"), "own.yml": ""})
    head = commit(git_repo, {".github/lineage-diff.yml": "rules: {}\n"})
    old, new = facts(git_repo, base, head, "own.yml")
    assert set(old.configuration) == {"own.yml"}
    assert set(new.configuration) == {"own.yml", ".github/lineage-diff.yml"}


def lock(text: str) -> str:
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return (
        "schema: '2.0'\nstages:\n  train:\n    cmd: x\n    deps:\n    - path: src/train.py\n"
        f"      hash: md5\n      md5: {digest}\n      size: 1\n"
    )


@pytest.mark.parametrize(
    ("ran", "found"),
    [
        ("x = 2\n", False),
        ("x = 1\n", False),
        ("x = 1\r\n", False),
        ("x = 3\n", False),
        ("x = 4\n", False),
        ("x = 99\n", True),
    ],
    ids=["here", "older", "line ends", "other folder", "other branch", "never committed"],
)
def test_code_that_no_commit_holds(git_repo: GitRepo, ran: str, found: bool) -> None:
    commit(git_repo, {"src/train.py": "x = 1\n", "old/train.py": "x = 3\n"})
    git_repo.git("checkout", "-q", "-b", "side")
    commit(git_repo, {"src/train.py": "x = 4\n"})
    git_repo.git("checkout", "-q", "main")
    files = {"dvc.yaml": STAGE.format(cmd="x"), "dvc.lock": lock(ran), "src/train.py": "x = 2\n"}
    uncommitted = one(git_repo, files).uncommitted
    assert [(item.stage, item.path) for item in uncommitted] == (
        [("dvc.yaml:train", "src/train.py")] if found else []
    )


def test_a_shallow_clone_does_not_tell(git_repo: GitRepo) -> None:
    commit(git_repo, {"src/train.py": "x = 1\n"})
    files = {"dvc.yaml": STAGE.format(cmd="x"), "dvc.lock": lock("y"), "src/train.py": "x = 2\n"}
    head = commit(git_repo, files)
    clone = git_repo.path.parent / "clone"
    git_repo.git("clone", "-q", "--depth=1", git_repo.path.as_uri(), str(clone))
    assert facts(GitRepo(clone), head, head)[1].uncommitted == ()
