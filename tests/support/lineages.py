"""Hypothesis strategies for lineages: small pipelines with data, code, params and models."""

from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from lineage_diff.lineage.evidence import CommitState, Evidence
from lineage_diff.lineage.lineage import Lineage, Pipeline
from lineage_diff.lineage.stage import Dep, LockEntry, Out, ParamDep, Stage
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.lineage.version import Content, Hash, Version

SIZE = 6


def version(number: int) -> Version:
    return Version(Hash("md5", f"{number:032x}"), number)


def tracked(path: str, number: int) -> Stage:
    """What a `.dvc` file says of a path."""
    return Stage(
        f"{path}.dvc", None, f"{path}.dvc", "", outs=(Out(path, path, locked=version(number)),)
    )


def stage(
    name: str, deps: tuple[str, ...], outs: tuple[str, ...], run: int = 1, **more: object
) -> Stage:
    """A stage of `dvc.yaml`, run with the versions that `run` stands for."""
    made = Stage(
        f"dvc.yaml:{name}",
        name,
        "dvc.yaml",
        "",
        cmd=f"run {name}",
        deps=tuple(Dep(path, path, locked=version(run)) for path in deps),
        outs=tuple(Out(path, path, locked=version(run)) for path in outs),
        lock=LockEntry(f"run {name}", {}, {}, {}),
    )
    return replace(made, **more)


def state(*stages: Stage, code: dict[str, int] | None = None, params: object = None) -> CommitState:
    """A commit with these stages, Git-tracked files and the values of `params.yaml`."""
    ordered = tuple(sorted(stages, key=lambda item: item.id))
    ids = tuple(item.id for item in ordered if not item.is_dvcfile)
    values = {"params.yaml": ValuesFile("params.yaml", params)} if params is not None else {}  # type: ignore[arg-type]
    lineage = Lineage(
        "c",
        pipelines=(Pipeline("dvc.yaml", ids),) if ids else (),
        stages=ordered,
        params=values,
    )
    contents = {path: Content(f"{oid:040x}", "file") for path, oid in (code or {}).items()}
    return CommitState(lineage, Evidence(contents))


def edited(state: CommitState, **parts: Any) -> CommitState:
    """The commit with other parts of its lineage."""
    return replace(state, lineage=replace(state.lineage, **parts))


@st.composite
def states(draw: st.DrawFn) -> CommitState:
    """A random acyclic pipeline: each stage uses files of earlier ones, data, code and params."""
    numbers = st.integers(1, 3)
    stages = []
    for number in range(SIZE):
        if not draw(st.booleans()):
            continue
        above = [f"models/m{item}.pkl" for item in range(number)] + ["raw.csv", "src/a.py"]
        deps = tuple(sorted(draw(st.sets(st.sampled_from(above), max_size=3))))
        made = stage(f"s{number}", deps, (f"models/m{number}.pkl",), draw(numbers))
        keys = ("a",) if draw(st.booleans()) else ()
        if keys:
            made = replace(made, params=(ParamDep("params.yaml", "params.yaml", keys),))
        stages.append(replace(made, cmd=f"run {draw(numbers)}"))
    if draw(st.booleans()):
        stages.append(tracked("raw.csv", draw(numbers)))
    return state(*stages, code={"src/a.py": draw(numbers)}, params={"a": draw(numbers)})
