"""What no work tree shows: unknown answers, two hash schemes, staleness downstream, the fix."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lineage_diff.freshness.repro import repro_targets
from lineage_diff.freshness.stages import freshness
from lineage_diff.lineage.evidence import CommitState, Evidence
from lineage_diff.lineage.history import LockedAt, Splice
from lineage_diff.lineage.lineage import Lineage, Pipeline, Problem
from lineage_diff.lineage.stage import Dep, LockEntry, Out, ParamDep, Stage
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.lineage.version import Content, Hash, Version
from lineage_diff.report.reasons import Reason


def version(value: str, algorithm: str = "md5") -> Version:
    return Version(Hash(algorithm, value))


def stage(name: str, deps: dict[str, Version], outs: dict[str, Version], **more: Any) -> Stage:
    made = Stage(
        id=f"dvc.yaml:{name}",
        name=name,
        file="dvc.yaml",
        wdir="",
        cmd="run",
        deps=tuple(Dep(path, path, "://" in path, locked) for path, locked in deps.items()),
        outs=tuple(Out(path, path, locked=locked) for path, locked in outs.items()),
        lock=LockEntry("run", deps, outs, {}, 7),
        line=3,
    )
    return replace(made, **more)


def commit(*stages: Stage, contents: Any = None, **more: Any) -> CommitState:
    pipeline = Pipeline("dvc.yaml", tuple(item.id for item in stages), "dvc.lock", "2.0")
    lineage = replace(Lineage("0" * 40, (pipeline,), stages), **more)
    return CommitState(lineage, Evidence(contents or {}))


def content(*versions: Version, eol: tuple[Version, ...] = (), unknown: str | None = None) -> Any:
    return Content("0" * 40, "file", versions, eol, unknown)


DOS = "md5-dos2unix"


@pytest.mark.parametrize(
    ("held", "locked", "state", "kinds"),
    [
        (content(version("aa")), version("aa"), "fresh", []),
        (content(version("aa")), version("bb"), "stale", ["dep-changed"]),
        (content(version("aa"), version("cc", DOS)), version("cc", DOS), "fresh", []),
        (content(version("aa"), version("cc", DOS)), version("dd", DOS), "stale", ["dep-changed"]),
        (content(version("aa")), version("aa", DOS), "fresh", []),
        (content(version("aa")), version("bb", DOS), "unknown", ["dep-unknown"]),
        (content(version("aa"), eol=(version("bb"),)), version("bb"), "fresh", ["line-endings"]),
        (content(unknown="an LFS pointer"), version("bb"), "unknown", ["dep-unknown"]),
        (None, version("bb"), "stale", ["dep-missing"]),
    ],
)
def test_a_dep_against_git(held: Any, locked: Version, state: str, kinds: list[str]) -> None:
    made = commit(
        stage("train", {"train.py": locked}, {"model": version("m")}),
        contents={"train.py": held} if held else {},
    )
    judged = freshness(made)["dvc.yaml:train"]
    assert judged.freshness == state
    assert [reason.kind for reason in judged.reasons] == kinds


@pytest.mark.parametrize(
    ("made", "dep", "locked", "state", "kind"),
    [
        ("data", "data", version("a"), "fresh", None),
        ("data", "data", version("b"), "stale", "upstream-changed"),
        ("data", "data", version("b", DOS), "unknown", "dep-unknown"),
        ("data", "data", Version(Hash(DOS, "b"), 1), "unknown", "dep-unknown"),
        ("sized", "sized", Version(Hash(DOS, "b"), 2), "unknown", "dep-unknown"),
        ("sized", "sized", Version(Hash(DOS, "b"), 1), "stale", "upstream-changed"),
        ("sized", "sized", Version(Hash(DOS, "a"), 1), "fresh", None),
        ("etag", "etag", version("b"), "stale", "upstream-changed"),
        ("data", "data/part.csv", version("b"), "unknown", "dep-unknown"),
        ("data/part.csv", "data", version("b.dir"), "unknown", "dep-unknown"),
        ("other", "s3://bucket/x", version("b"), "unknown", "dep-unknown"),
    ],
)
def test_a_dep_against_another_stage(
    made: str, dep: str, locked: Version, state: str, kind: str | None
) -> None:
    versions = {"sized": Version(Hash("md5", "a"), 2), "etag": version("a", "etag")}
    stages = (
        stage("prepare", {}, {made: versions.get(made, version("a"))}),
        stage("train", {dep: locked}, {}),
    )
    judged = freshness(commit(*stages))["dvc.yaml:train"]
    assert judged.freshness == state
    assert [reason.kind for reason in judged.reasons] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("values", "keys", "locked", "kinds"),
    [
        ({"a": 0.001}, ("a",), {"a": 1e-3}, []),
        ({"a": True}, ("a",), {"a": 1}, []),
        ({"a": (1, 2)}, ("a",), {"a": [1, 2]}, []),
        ({"a": {"b": [5, 6]}}, ("a.b.1",), {"a.b.1": 6}, []),
        ({"a": {1: "x"}}, ("a.1",), {"a.1": "x"}, []),
        ({"a": "1"}, ("a",), {"a": 1}, ["param-changed"]),
        ({}, ("a",), {"a": 1}, ["param-missing"]),
        ({"a": 1}, ("a",), {}, ["param-added"]),
        ({"a": 1}, ("a",), {"a": 1, "b": 2}, ["param-removed"]),
        ({"a": 1, "b": 2}, (), {"a": 1}, ["param-added"]),
        ({"a": 1}, (), {"a": 1, "b": 2}, ["param-missing"]),
        (None, ("a",), {"a": 1}, ["dep-unknown"]),
    ],
)
def test_params(values: Any, keys: tuple[str, ...], locked: Any, kinds: list[str]) -> None:
    unknown = "does not parse" if values is None else None
    state = commit(
        stage("train", {}, {}, params=(ParamDep("p.yaml", "p.yaml", keys, locked),)),
        params={"p.yaml": ValuesFile("p.yaml", values, unknown)},
    )
    assert [r.kind for r in freshness(state)["dvc.yaml:train"].reasons] == kinds


def test_stale_is_carried_down_but_not_through_a_frozen_stage() -> None:
    state = commit(
        stage("a", {"a.py": version("old")}, {"a.out": version("1")}),
        stage("b", {"a.out": version("1")}, {"b.out": version("2")}),
        stage("c", {"a.out": version("1")}, {"c.out": version("3")}, frozen=True),
        stage("d", {"c.out": version("3")}, {"d.out": version("4")}),
        contents={"a.py": content(version("new"))},
    )
    found = freshness(state)
    assert {name[-1]: judged.freshness for name, judged in found.items()} == {
        "a": "stale",
        "b": "stale",
        "c": "fresh",
        "d": "fresh",
    }
    (reason,) = found["dvc.yaml:b"].reasons
    assert (reason.kind, reason.subject) == ("outdated-by", "dvc.yaml:a")
    assert repro_targets(state.lineage, ["dvc.yaml:a", "dvc.yaml:b"]) == ("b",)


def test_unknown_is_carried_down_but_not_from_a_stage_that_always_runs() -> None:
    state = commit(
        stage("a", {"s3://x": version("1")}, {"a.out": version("1")}),
        stage("b", {"a.out": version("1")}, {}),
        stage("c", {}, {"c.out": version("1")}, always_changed=True),
        stage("d", {"c.out": version("1")}, {}),
    )
    states = {name[-1]: judged.freshness for name, judged in freshness(state).items()}
    assert states == {"a": "unknown", "b": "unknown", "c": "unknown", "d": "fresh"}


@pytest.mark.parametrize(
    ("file", "pipeline", "lock"), [("dvc.lock", None, False), ("dvc.yaml", "dvc.yaml", True)]
)
def test_what_cannot_be_read_is_unknown(file: str, pipeline: str | None, lock: bool) -> None:
    made = stage("train", {}, {"model": version("m")})
    state = commit(
        made if lock else replace(made, lock=None),
        problems=(Problem("lock-conflict", file, "markers", "Resolve.", 1, pipeline),),
    )
    judged = freshness(state)["dvc.yaml:train"]
    assert judged.freshness == "unknown"
    assert [reason.kind for reason in judged.reasons] == ["unreadable"]


@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=16),
    st.sets(st.integers(0, 7)),
)
def test_the_mend_runs_every_stale_stage_and_names_none_in_vain(
    links: list[tuple[int, int]], stale: set[int]
) -> None:
    above: dict[int, set[int]] = {number: set() for number in range(8)}
    for a, b in links:
        if a != b:
            above[max(a, b)].add(min(a, b))
    stages = [
        stage(f"s{n}", {f"o{m}": version("x") for m in above[n]}, {f"o{n}": version("x")})
        for n in above
    ]
    targets = {
        int(name[1:])
        for name in repro_targets(commit(*stages).lineage, [f"dvc.yaml:s{n}" for n in stale])
    }

    def runs(starts: set[int]) -> set[int]:
        return starts.union(*(runs(above[start]) for start in starts)) if starts else set()

    assert targets <= stale <= runs(targets)
    for target in targets:
        assert not stale <= runs(targets - {target})


@pytest.mark.parametrize(
    ("stale", "targets"),
    [
        (["t@1", "t@2", "t@3"], ("t",)),
        (["t@1", "t@3"], ("t@1", "t@3")),
        (["t@1"], ("t@1",)),
        (["t@1", "t@2", "t@3", "u@1"], ("t", "u@1")),
        # Above `last` DVC looks at `t@1` anyway.
        (["t@2", "t@3", "last"], ("last", "t")),
        (["t@2", "last"], ("last", "t@2")),
    ],
)
def test_an_entry_is_named_for_its_stages_if_dvc_looks_at_all_of_them(
    stale: list[str], targets: tuple[str, ...]
) -> None:
    x = version("x")
    stages = [
        stage(name, {}, {f"{name}.out": x}, group=name[0]) for name in ("t@1", "t@2", "t@3", "u@1")
    ]
    lineage = commit(*stages, stage("last", {"t@1.out": x}, {"last.out": x})).lineage
    assert repro_targets(lineage, [f"dvc.yaml:{name}" for name in stale]) == targets


@pytest.mark.parametrize(("rule", "state"), [("legacy-lock", "stale"), ("newer-lock", "unknown")])
def test_a_stage_without_an_entry_in_a_lock_of_another_dvc(rule: str, state: str) -> None:
    made = stage("train", {"a": version("aa")}, {"m": version("bb")}, lock=None)
    problem = Problem(rule, "dvc.lock", "written by another DVC", "", 1)
    found = freshness(commit(made, problems=(problem,)))
    assert found["dvc.yaml:train"].freshness == state


HIDDEN = {"big": content(unknown="an LFS pointer")}
LOCKED = {"dvc.yaml:train": LockedAt("c", {"big": ()})}
CHANGED = {"dvc.yaml:train": LockedAt("c", {"big": ("big",)}, frozenset({"big"}))}
SPLICED = {"dvc.yaml:train": Splice("m", ())}


def test_a_lock_entry_that_a_merge_combined_is_not_known_to_be_of_a_run() -> None:
    state = commit(stage("train", {"a": version("aa")}, {}), contents={"a": content(version("aa"))})
    state = replace(state, evidence=replace(state.evidence, splices=SPLICED))
    judged = freshness(state)["dvc.yaml:train"]
    assert judged.freshness == "unknown"
    assert judged.reasons == (
        Reason("spliced", "dvc.yaml:train", file="dvc.lock", line=7, commit="m"),
    )


@pytest.mark.parametrize(
    ("before", "after", "now"),
    [
        (Evidence(HIDDEN, locked_at=LOCKED), Evidence(HIDDEN, locked_at=LOCKED), "fresh"),
        (Evidence(HIDDEN, locked_at=LOCKED), Evidence(HIDDEN, locked_at=CHANGED), "stale"),
        (
            Evidence(HIDDEN, locked_at=LOCKED),
            Evidence(HIDDEN, locked_at=LOCKED, splices=SPLICED),
            "unknown",
        ),
        # What the history says of both is another change than what a merge did to one.
        (
            Evidence(HIDDEN, locked_at=LOCKED, splices=SPLICED),
            Evidence(HIDDEN, locked_at=CHANGED, splices=SPLICED),
            "stale",
        ),
    ],
)
def test_a_known_freshness_is_used_again_only_with_the_same_evidence(
    before: Evidence, after: Evidence, now: str
) -> None:
    state = commit(stage("train", {"big": version("bb")}, {}))
    old, new = replace(state, evidence=before), replace(state, evidence=after)
    found = freshness(new, old, freshness(old))
    assert found["dvc.yaml:train"].freshness == now
    assert found == freshness(new)
