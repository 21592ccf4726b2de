"""A commit's DVC files become its lineage; what is broken becomes a problem and hides nothing."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.dvc.project import has_project
from lineage_diff.git.repository import open_repository
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Stage
from tests.support.git_repo import GitRepo

MD5 = "22a1a2931c8370d3aeedd7183606fd7f"
TRAIN = "stages:\n  train:\n    cmd: train\n    deps: [data]\n    outs: [model.pkl]\n"


def read(path: Path, files: Mapping[str, str]) -> Lineage:
    repo = GitRepo(path)
    for name, content in files.items():
        repo.write(name, content)
    repo.git("add", "-A", "-f")
    repo.git("commit", "-q", "-m", "x")
    return LineageReader(open_repository(path)).read(repo.git("rev-parse", "HEAD"))


def stage(lineage: Lineage, key: str) -> Stage:
    return next(stage for stage in lineage.stages if stage.id == key)


def rules(lineage: Lineage) -> list[tuple[str, str, int | None]]:
    return [(problem.rule, problem.file, problem.line) for problem in lineage.problems]


def test_stages_of_a_pipeline_in_a_folder(tmp_path: Path) -> None:
    text = (
        "stages:\n  rank:\n    cmd: [a, b]\n    wdir: ../src\n    deps: [x, /abs, 's3://b/k']\n"
        "    params: [lr, {other.yaml: [k]}, {whole.yaml: }]\n    frozen: true\n    desc: words\n"
        "    outs:\n    - m:\n        cache: false\n        persist: true\n        push: false\n"
        "        type: model\n        desc: best\n        labels: [nlp]\n"
        "    metrics: [score.json]\n    plots: [p.csv]\n"
    )
    lineage = read(tmp_path, {".dvc/config": "", "p/dvc.yaml": text})
    rank = stage(lineage, "p/dvc.yaml:rank")
    assert not lineage.problems
    assert (rank.cmd, rank.wdir, rank.frozen, rank.line) == (("a", "b"), "src", True, 2)
    assert [(dep.path, dep.external) for dep in rank.deps] == [
        ("src/x", False),
        ("/abs", True),
        ("s3://b/k", True),
    ]
    assert [(param.path, param.keys) for param in rank.params] == [
        ("src/params.yaml", ("lr",)),
        ("src/other.yaml", ("k",)),
        ("src/whole.yaml", ()),
    ]
    out = rank.outs[0]
    assert (out.path, out.cache, out.persist, out.push) == ("src/m", False, True, False)
    assert (out.type, out.desc, out.labels) == ("model", "best", ("nlp",))
    assert [out.kind for out in rank.outs] == ["out", "metrics", "plots"]


def test_templates_are_filled_in_by_dvcs_rules(tmp_path: Path) -> None:
    text = (
        "vars: [{greeting: hi}]\nstages:\n  each:\n    foreach: ${items}\n    do:\n"
        "      cmd: run ${item} ${greeting}\n  grid:\n    matrix:\n      m: [a, b]\n      n: [1]\n"
        "    cmd: go ${item.m} ${item.n}\n"
    )
    lineage = read(
        tmp_path, {".dvc/config": "", "dvc.yaml": text, "params.yaml": "items: [x, y]\n"}
    )
    assert {(s.name, s.cmd, s.group, s.line) for s in lineage.stages} == {
        ("each@x", "run x hi", "each", 3),
        ("each@y", "run y hi", "each", 3),
        ("grid@a-1", "go a 1", "grid", 7),
        ("grid@b-1", "go b 1", "grid", 7),
    }


@pytest.mark.parametrize(
    ("config", "command"),
    [("", "go --on"), ("[parsing]\n    bool = boolean_optional\n", "go --on --no-off")],
)
def test_only_the_parsing_settings_of_a_config_count(
    tmp_path: Path, config: str, command: str
) -> None:
    files = {
        ".dvc/config": f"[core]\n    remote = evil\n{config}",
        "dvc.yaml": "stages:\n  a:\n    cmd: go ${flags}\n",
        "params.yaml": "flags: {on: true, off: false}\n",
    }
    assert stage(read(tmp_path, files), "dvc.yaml:a").cmd == command


BROKEN: dict[str, tuple[dict[str, str], tuple[str, str, int | None]]] = {
    "no cmd": (
        {"dvc.yaml": TRAIN + "  bad:\n    deps: [a]\n"},
        ("invalid-pipeline", "dvc.yaml", 6),
    ),
    "unknown key": (
        {"dvc.yaml": TRAIN + "  bad:\n    cmd: x\n    dep: [a]\n"},
        ("invalid-pipeline", "dvc.yaml", 6),
    ),
    "no such variable": (
        {"dvc.yaml": TRAIN + "  bad:\n    cmd: ${no}\n"},
        ("unresolved-variable", "dvc.yaml", 6),
    ),
    "own result": (
        {"dvc.yaml": TRAIN + "  bad:\n    cmd: x\n    deps: [o]\n    outs: [o/p]\n"},
        ("cycle", "dvc.yaml", 6),
    ),
    "out in an out": (
        {"dvc.yaml": TRAIN + "  bad:\n    cmd: x\n    outs: [model.pkl/in]\n"},
        ("overlapping-outs", "dvc.yaml", 6),
    ),
    "stage twice": (
        {"dvc.yaml": TRAIN, "b/dvc.yaml": "stages:\n  a: {cmd: x}\n  a: {cmd: y}\n"},
        ("duplicate-key", "b/dvc.yaml", 3),
    ),
    "conflict": (
        {"dvc.yaml": TRAIN, "dvc.lock": "<<<<<<< a\nx: 1\n"},
        ("lock-conflict", "dvc.lock", 1),
    ),
    "newer lock": (
        {"dvc.yaml": TRAIN, "dvc.lock": "schema: '9.0'\n"},
        ("newer-lock", "dvc.lock", 1),
    ),
    "no mapping": (
        {"dvc.yaml": TRAIN, "b/dvc.yaml": "- 1\n"},
        ("invalid-pipeline", "b/dvc.yaml", None),
    ),
    "old .dvc file": (
        {"dvc.yaml": TRAIN, "old.dvc": "cmd: x\nouts:\n- path: o\n"},
        ("invalid-pipeline", "old.dvc", 1),
    ),
    "date in params": (
        {
            "dvc.yaml": TRAIN,
            "b/dvc.yaml": "stages:\n  a: {cmd: '${n}'}\n",
            "b/params.yaml": "n: 1\nd: 2024-01-01\n",
        },
        ("unresolved-variable", "b/dvc.yaml", None),
    ),
}


@pytest.mark.parametrize(("files", "expected"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_named_and_hides_nothing_else(
    tmp_path: Path, files: dict[str, str], expected: tuple[str, str, int | None]
) -> None:
    lineage = read(tmp_path, {".dvc/config": "", **files})
    assert rules(lineage) == [expected]
    assert stage(lineage, "dvc.yaml:train").cmd == "train"


@pytest.mark.parametrize("text", ["", "# later\n", "null\n", "{}\n", "[]\n"])
def test_a_pipeline_that_holds_nothing_is_none_of_the_problems(tmp_path: Path, text: str) -> None:
    lineage = read(tmp_path, {"dvc.yaml": TRAIN, "b/dvc.yaml": text})
    assert rules(lineage) == []
    assert [(item.file, item.stages) for item in lineage.pipelines] == [
        ("b/dvc.yaml", ()),
        ("dvc.yaml", ("dvc.yaml:train",)),
    ]


def test_lines_are_known_behind_a_byte_order_mark(tmp_path: Path) -> None:
    lineage = read(tmp_path, {"dvc.yaml": "\ufeff" + TRAIN})
    assert [item.line for item in lineage.stages] == [2]
    assert rules(lineage) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TRAIN + "    metrics: [model.pkl]\n", "`model.pkl` is an output of `train` twice"),
        (
            TRAIN + "  tune:\n    cmd: tune\n    outs: [model.pkl]\n",
            "`model.pkl` is an output of both `train` and `tune`",
        ),
    ],
)
def test_an_output_in_two_places_names_them(tmp_path: Path, text: str, said: str) -> None:
    assert [problem.message for problem in read(tmp_path, {"dvc.yaml": text}).problems] == [said]


def test_a_cycle_names_its_stages(tmp_path: Path) -> None:
    text = (
        "stages:\n  a: {cmd: x, deps: [c], outs: [a]}\n  b: {cmd: x, deps: [a], outs: [b]}\n"
        "  c: {cmd: x, deps: [b], outs: [c]}\n"
    )
    (problem,) = read(tmp_path, {".dvc/config": "", "dvc.yaml": text}).problems
    assert (problem.rule, problem.line) == ("cycle", 2)
    assert "a → b → c → a" in problem.message


def test_a_matrix_too_large_is_refused_before_it_is_built(tmp_path: Path) -> None:
    axis = "[" + ", ".join(map(str, range(100))) + "]"
    text = (
        f"stages:\n  m:\n    matrix: {{a: {axis}, b: {axis}, c: {axis}, d: {axis}}}\n    cmd: x\n"
    )
    lineage = read(tmp_path, {".dvc/config": "", "dvc.yaml": text})
    assert rules(lineage) == [("invalid-pipeline", "dvc.yaml", 2)]
    assert "100,000,000" in lineage.problems[0].message


def test_dvc_files_of_every_kind(tmp_path: Path) -> None:
    lineage = read(
        tmp_path,
        {
            ".dvc/config": "",
            "raw.csv.dvc": f"outs:\n- md5: {MD5}\n  size: 3\n  hash: md5\n  path: raw.csv\n",
            "imp.dvc": "deps:\n- path: d\n  repo:\n    url: https://x/y\n    rev_lock: abc\n"
            "outs:\n- path: imp\n",
            "url.dvc": "frozen: true\r\ndeps:\r\n- path: s3://b/k\r\n  etag: ETAG\r\n"
            "outs:\r\n- path: u\r\n",
        },
    )
    assert not lineage.problems
    raw, imported, url = (stage(lineage, key) for key in ("raw.csv.dvc", "imp.dvc", "url.dvc"))
    assert str(raw.outs[0].locked and raw.outs[0].locked.hash) == f"md5:{MD5}"
    assert raw.imported is None
    assert imported.imported is not None
    assert (imported.imported.kind, imported.imported.rev_lock) == ("repo", "abc")
    assert url.imported is not None
    assert (url.imported.kind, url.imported.source, url.frozen) == ("url", "s3://b/k", True)


def test_which_files_are_collected(tmp_path: Path) -> None:
    one = "stages:\n  s: {cmd: x}\n"
    lineage = read(
        tmp_path,
        {
            ".dvc/config": "",
            ".dvcignore": "skipped/\n",
            "dvc.yaml": "stages:\n  s: {cmd: x, outs: [made]}\n",
            "dvc.yml": one,
            "skipped/dvc.yaml": one,
            "made/dvc.yaml": one,
            "inner/.dvc/config": "",
            "inner/dvc.yaml": one,
            "deep/er/dvc.yaml": one,
        },
    )
    assert [pipeline.file for pipeline in lineage.pipelines] == [
        "deep/er/dvc.yaml",
        "dvc.yaml",
        "inner/dvc.yaml",
    ]


def test_a_repository_without_dvc_has_no_project(tmp_path: Path) -> None:
    assert read(tmp_path, {"readme": "x"}).stages == ()
    repo = open_repository(tmp_path)
    assert not has_project(repo.snapshot(GitRepo(tmp_path).git("rev-parse", "HEAD")))


def test_orphans_and_lock_values(tmp_path: Path) -> None:
    lock = (
        f"schema: '2.0'\nstages:\n  train:\n    cmd: train\n    deps:\n    - path: data\n"
        f"      md5: {MD5}.dir\n      size: 1\n      nfiles: 1\n  gone:\n    cmd: x\n"
    )
    lineage = read(tmp_path, {".dvc/config": "", "dvc.yaml": TRAIN, "dvc.lock": lock})
    (pipeline,) = lineage.pipelines
    train = stage(lineage, "dvc.yaml:train")
    assert list(pipeline.orphans) == ["gone"]
    assert (pipeline.lock_file, pipeline.lock_schema) == ("dvc.lock", "2.0")
    assert train.deps[0].locked is not None
    assert train.lock is not None
    assert train.lock.line == 3


def test_what_two_commits_share_is_the_same_object(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path)
    text = TRAIN + "  other:\n    cmd: y\n  third:\n    cmd: z\n"
    repo.write(".dvc/config", "")
    commits = []
    for content in (text, text.replace("cmd: y", "cmd: w")):
        repo.write("dvc.yaml", content)
        repo.git("add", "-A", "-f")
        repo.git("commit", "-q", "-m", "x")
        commits.append(repo.git("rev-parse", "HEAD"))
    reader = LineageReader(open_repository(tmp_path))
    before, after = (reader.read(commit) for commit in commits)
    same = [old.name for old, new in zip(before.stages, after.stages, strict=True) if old is new]
    assert same == ["third", "train"]
    assert stage(after, "dvc.yaml:other").cmd == "w"
