"""Stages at the edges of what DVC looks at: NaN, outs elsewhere, frozen, out of its sight."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.freshness.made_params_cases import changed_commit
from tests.support.dvc_repo import DvcRepo
from tests.support.edits import written

NAN = """\
stages:
  inlist: {cmd: touch o1, params: [a], outs: [o1]}
  inmap: {cmd: touch o2, params: [b], outs: [o2]}
  bare: {cmd: touch o3, params: [d], outs: [o3]}
  leaf: {cmd: touch o4, params: [b.c], outs: [o4]}
  whole: {cmd: touch o5, params: [{whole.yaml: }], outs: [o5]}
  json: {cmd: touch o6, params: [{p.json: [a]}], outs: [o6]}
  toml: {cmd: touch o7, params: [{p.toml: [a]}], outs: [o7]}
"""
NAN_FILES = {
    "dvc.yaml": NAN,
    "params.yaml": "a: [.nan, 1]\nb: {c: .NaN}\nd: .nan\n",
    "whole.yaml": "a: [{deep: .nan}]\n",
    "p.json": '{"a": [NaN, 1]}\n',
    "p.toml": "a = [nan, 1.0]\n",
}
# For DVC a NaN equals another only in a collection of a YAML file, where all are one object.
NEVER_EQUAL = ("bare", "leaf", "json", "toml")

STAGE = "stages:\n  t:\n    cmd: cp f o\n    deps: [f]\n    outs: [o]\n"
CHECK = "stages:\n  t:\n    cmd: cat f\n    deps: [f]\n    frozen: true\n"
ELSEWHERE = """\
stages:
  t:
    cmd: cp f {path}
    deps: [f]
    outs: [{{{path}: {{cache: false}}}}]
"""


INSIDE = {
    "dvc.yaml": "stages:\n  t:\n    cmd: cp d/f o\n    deps: ['{root}/d/f', f]\n    outs: [o]\n",
    "d/f": "1\n",
    "f": "1\n",
}
MADE_INSIDE = {
    "dvc.yaml": "stages:\n"
    "  first:\n    cmd: cp f m\n    deps: [f]\n    outs: [m]\n"
    "  t:\n    cmd: cp m o\n    deps: ['{root}/m']\n    outs: [o]\n",
    "f": "1\n",
}


@dataclass(frozen=True)
class Case:
    """A repository, what is done to it, and which stages DVC and we call changed after.

    `unknown` are the stages that we cannot judge, by the row `left-out` of docs/freshness.md or
    the one named `row`; `{root}` in `files` is the repository, and `{abs}` a path outside it;
    `fresh` those that DVC calls changed for ever, by the row `nan-param` or the one named `row`.
    """

    name: str
    files: dict[str, str]
    steps: tuple[Callable[[DvcRepo], object], ...] = ()
    theirs: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()
    row: str | None = None

    @property
    def ours(self) -> set[str]:
        """The stages that we call stale."""
        return set(self.theirs) - set(self.fresh)


def run(repo: DvcRepo) -> None:
    repo.repro("Run")


def forget_outs(repo: DvcRepo) -> None:
    """Take the outs out of the lock, as if they were declared since."""
    lock = (repo.root / "dvc.lock").read_text()
    repo.files({"dvc.lock": lock.partition("    outs:")[0]})


IN_EXP = {"exp/dvc.yaml": STAGE, "exp/f": "1\n"}
OTHER = written("exp/f", "2\n")
OUT = "../elsewhere.txt"
EMPTY_KEYS = {
    "dvc.yaml": "stages:\n"
    "  pattern: {cmd: touch o1, params: ['a*'], outs: [o1]}\n"
    "  plain: {cmd: touch o2, params: [ab], outs: [o2]}\n"
    "  inside: {cmd: touch o3, params: ['c.*'], outs: [o3]}\n",
    "params.yaml": "ab: 1\nc: {'': 2}\n'': 3\n",
}
# Numbers in keys, as dpath reads them: from the end of a list, with signs, zeros and spaces.
NUMBERS = {
    "dvc.yaml": "stages:\n"
    "  last: {cmd: touch n1, params: ['a.-1'], outs: [n1]}\n"
    "  inner: {cmd: touch n2, params: ['b.-1.k.-2'], outs: [n2]}\n"
    "  signed: {cmd: touch n3, params: ['a.+1', 'a. 0'], outs: [n3]}\n"
    "  zeros: {cmd: touch n4, params: ['c.07'], outs: [n4]}\n"
    "  led: {cmd: touch n5, params: [.d], outs: [n5]}\n",
    "params.yaml": "a: [1, 2]\nb: [0, {k: [3, 4]}]\nc: {7: 1}\nd: 1\n",
}
# DVC records params by the plain path, and looks them up by the one that is written.
SPELLED = {
    "w/dvc.yaml": "stages:\n"
    "  dot: {cmd: touch s1, params: [./p.yaml: [a]], outs: [s1]}\n"
    "  back: {cmd: touch s2, params: [../w/p.yaml: [a]], outs: [s2]}\n"
    "  whole: {cmd: touch s3, params: [./p.yaml: ], outs: [s3]}\n"
    "  both: {cmd: touch s4, params: [b, ./params.yaml: , params.yaml: [b]], outs: [s4]}\n"
    "  above: {cmd: touch s5, params: [../p.yaml: [a]], outs: [s5]}\n",
    "w/p.yaml": "a: 1\nb: 1\n",
    "w/params.yaml": "b: 1\n",
    "p.yaml": "a: 1\nb: 1\n",
}
ANEW = tuple(f"w/dvc.yaml:{name}" for name in ("dot", "back", "whole", "both"))
# One file under two paths: DVC records the keys of the path that sorts last, and no others.
TWICE = {
    "w/dvc.yaml": "stages:\n"
    "  bare: {cmd: touch t1, params: [a, ./params.yaml: [b]], outs: [t1]}\n"
    "  odd: {cmd: touch t2, params: [./p.yaml: [a, b], ../w/p.yaml: [b]], outs: [t2]}\n"
    "  last: {cmd: touch t3, params: [../w/-p.yaml: [a], -p.yaml: [b]], outs: [t3]}\n"
    "  whole: {cmd: touch t4, params: [./p.yaml: , p.yaml: [a]], outs: [t4]}\n"
    "  kept: {cmd: touch t5, params: [./p.yaml: [a], p.yaml: ], outs: [t5]}\n"
    "  same: {cmd: touch t6, params: [./p.yaml: [a], p.yaml: [a]], outs: [t6]}\n"
    "  fewer: {cmd: touch t7, params: [./p.yaml: [a], p.yaml: [a, b]], outs: [t7]}\n",
    "w/p.yaml": "a: 1\nb: 1\n",
    "w/-p.yaml": "a: 1\nb: 1\n",
    "w/params.yaml": "a: 1\nb: 1\n",
}
TWICE_ALL = tuple(
    f"w/dvc.yaml:{name}" for name in ("bare", "odd", "last", "whole", "kept", "same", "fewer")
)
ADDED = {"dvc.yaml": STAGE}


def as_dvc_2(repo: DvcRepo) -> None:
    """Write the lock and the `.dvc` file as DVC 2 did: without the scheme of the hashes."""
    for path in ("dvc.lock", "f.dvc"):
        text = (repo.root / path).read_text()
        repo.files({path: "".join(line for line in text.splitlines(True) if "hash:" not in line)})


def added(text: str) -> tuple[Callable[[DvcRepo], object], ...]:
    """Write `f` and `dvc add` it."""
    return (written("f", text), lambda repo: repo.dvc("add", "-q", "f"))


CASES = [
    Case("data of DVC 2, added again", ADDED, (*added("1\n"), run, as_dvc_2, *added("1\n"))),
    Case(
        "data of DVC 2, of another size now",
        ADDED,
        (*added("1\n"), run, as_dvc_2, *added("23\n")),
        ("t",),
    ),
    Case("spellings of params files", SPELLED, (run,), ANEW, fresh=ANEW, row="params-path"),
    Case(
        "spellings of params files, edited",
        SPELLED,
        (run, written("w/p.yaml", "a: 2\nb: 1\n"), written("p.yaml", "a: 1\nb: 2\n")),
        ANEW,
        fresh=ANEW[3:],
        row="params-path",
    ),
    Case(
        "params files under two paths",
        TWICE,
        (run,),
        TWICE_ALL,
        unknown=(*TWICE_ALL[:1], *TWICE_ALL[2:4]),
        fresh=TWICE_ALL,
        row="params-path",
    ),
    Case(
        "params files under two paths, edited where recorded",
        TWICE,
        (run, *(written(f"w/{file}.yaml", "a: 2\nb: 2\n") for file in ("p", "-p", "params"))),
        TWICE_ALL,
        row="params-path",
    ),
    Case(
        "params files under two paths, one key more",
        TWICE,
        (run, written("w/dvc.yaml", TWICE["w/dvc.yaml"].replace("[a, ./", "[a, c, ./"))),
        TWICE_ALL,
        unknown=TWICE_ALL[2:4],
        fresh=TWICE_ALL[1:],
        row="params-path",
    ),
    Case("numbers in keys", NUMBERS, (run,)),
    Case(
        "numbers in keys, edited",
        NUMBERS,
        (run, written("params.yaml", "a: [1, 3]\nb: [1, {k: [5, 4]}]\nc: {7: 2}\nd: 2\n")),
        ("last", "inner", "signed", "zeros", "led"),
    ),
    Case(
        "numbers in keys, past the end",
        NUMBERS,
        (run, written("params.yaml", "a: [1]\nb: [0, {k: [3]}]\nc: {8: 1}\nd: 1\n")),
        ("last", "inner", "signed", "zeros"),
    ),
    Case("empty keys", EMPTY_KEYS, (run,)),
    Case(
        "empty keys, edited",
        EMPTY_KEYS,
        (run, written("params.yaml", "ab: 1\nc: {'': 4}\n'': 5\n")),
        ("inside",),
    ),
    Case("NaN", NAN_FILES, (run,), NEVER_EQUAL, fresh=NEVER_EQUAL),
    Case(
        "NaN, another",
        NAN_FILES,
        (run, written("params.yaml", "a: [.nan, 2]\nb: {c: .nan}\nd: 1\n")),
        (*NEVER_EQUAL, "inlist"),
        fresh=("leaf", "json", "toml"),
    ),
    Case(
        "an out above the repository", {"dvc.yaml": ELSEWHERE.format(path=OUT), "f": "1\n"}, (run,)
    ),
    Case(
        "an out above the repository, not in the lock",
        {"dvc.yaml": ELSEWHERE.format(path=OUT), "f": "1\n"},
        (run, forget_outs),
        ("t",),
    ),
    Case("an absolute out", {"dvc.yaml": ELSEWHERE.format(path="{abs}"), "f": "1\n"}, (run,)),
    Case(
        "an absolute out, not in the lock",
        {"dvc.yaml": ELSEWHERE.format(path="{abs}"), "f": "1\n"},
        (run, forget_outs),
        ("t",),
    ),
    Case("an absolute dep in the repository", INSIDE, (run,), (), ("t",), row="absolute-path"),
    Case("an absolute dep in the repository, edited", INSIDE, (run, written("d/f", "2\n")), ("t",)),
    Case("an absolute dep on an out", MADE_INSIDE, (run,), (), ("t",), row="absolute-path"),
    Case("frozen without outs, never run", {"dvc.yaml": CHECK, "f": "1\n"}),
    Case("frozen without outs, edited", {"dvc.yaml": CHECK, "f": "1\n"}, (written("f", "2\n"),)),
    Case(
        "frozen with outs, never run",
        {"dvc.yaml": STAGE + "    frozen: true\n", "f": "1\n"},
        (),
        ("t",),
    ),
    Case(
        "not frozen, without outs, never run",
        {"dvc.yaml": CHECK.replace("true", "false"), "f": "1\n"},
        (),
        ("t",),
    ),
    Case(
        "a folder that Git ignores",
        IN_EXP,
        (run, OTHER, written(".gitignore", "exp/\n")),
        (),
        ("exp/dvc.yaml:t",),
    ),
    Case(
        "a folder above that Git ignores",
        {"a/exp/dvc.yaml": STAGE, "a/exp/f": "1\n"},
        (run, written("a/exp/f", "2\n"), written(".gitignore", "a\n")),
        (),
        ("a/exp/dvc.yaml:t",),
    ),
    Case(
        "a `dvc.yaml` that Git ignores",
        IN_EXP,
        (run, OTHER, written("exp/.gitignore", "/o\ndvc.yaml\n")),
        (),
        ("exp/dvc.yaml:t",),
    ),
    Case(
        "a folder that Git ignores, never run",
        IN_EXP,
        (written(".gitignore", "exp/\n"),),
        (),
        ("exp/dvc.yaml:t",),
    ),
    Case(
        "a folder that Git does not ignore after all",
        IN_EXP,
        (run, OTHER, written(".gitignore", "exp/\n!exp/\n")),
        ("exp/dvc.yaml:t",),
    ),
    Case("a folder that .dvcignore ignores", IN_EXP, (run, OTHER, written(".dvcignore", "exp\n"))),
]


def force_added(repo: DvcRepo) -> str:
    """Commit the work tree, and what Git ignores of DVC's files and their deps."""
    for path in sorted(repo.root.rglob("*")):
        if path.name in ("dvc.yaml", "dvc.lock", "f", ".gitignore") and ".dvc" not in path.parts:
            repo.git("add", "-f", str(path.relative_to(repo.path)))
    return changed_commit(repo)
