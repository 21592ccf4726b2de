"""Our answers beside DVC's, in one shape, and where they differ."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lineage_diff.diff.lineages import compare
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.graph import build_graph
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy
from lineage_diff.lineage.stage import Stage
from lineage_diff.lineage.version import Version
from lineage_diff.report.change import Change, DataChange, Side

Json = Any


@dataclass(frozen=True, slots=True)
class Difference:
    """One answer that is not the same. `part` is what was asked; `None` is no answer."""

    part: str
    subject: str
    dvc: Json
    ours: Json


@dataclass(frozen=True, slots=True)
class Pair:
    """What both say of one pair of commits, for the project in the folder `root`."""

    base: Lineage
    head: Lineage
    change: Change
    dvc: Mapping[str, Json]
    root: str = ""
    other_roots: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        base: CommitState,
        head: CommitState,
        dvc: Mapping[str, Json],
        root: str = "",
        other_roots: tuple[str, ...] = (),
    ) -> "Pair":
        """Compare the commits without any configuration."""
        change = compare(base, head, Policy(), {})
        return cls(base.lineage, head.lineage, change, dvc, root, other_roots)

    def local(self, path: str) -> str | None:
        """Return a path relative to the project, `None` when it is another project's."""
        if any(path.startswith(other + "/") for other in self.other_roots):
            return None
        if not self.root:
            return path
        return path.removeprefix(self.root + "/") if path.startswith(self.root + "/") else None

    def differences(self) -> Iterator[Difference]:
        """Yield all that is not the same, sorted within each part."""
        yield from self._values("metrics", self.change.metrics)
        yield from self._values("params", self.change.params)
        yield from self._data()
        for lineage in (self.base, self.head):
            yield from self._index(lineage)

    def _values(self, part: str, ours: Mapping[str, Mapping[str, Json]]) -> Iterator[Difference]:
        answer = self.dvc[part]
        if "error" in answer:
            yield Difference(part, "", {"error": answer["error"]}, None)
            return
        dvc = {(file, key): v for file, keys in answer["diff"].items() for key, v in keys.items()}
        mine = {
            (local, key): dict(value)
            for file, keys in ours.items()
            if (local := self.local(file)) is not None
            for key, value in keys.items()
        }
        for name in sorted(dvc.keys() | mine.keys()):
            if not same_value(dvc.get(name), mine.get(name)):
                yield Difference(part, ":".join(name), dvc.get(name), mine.get(name))

    def _data(self) -> Iterator[Difference]:
        answer = self.dvc["data"]
        if "error" in answer:
            yield Difference("data", "", {"error": answer["error"]}, None)
            return
        known = {
            self.local(out.path)
            for lineage in (self.base, self.head)
            for stage in lineage.stages
            for out in stage.outs
        }
        dvc = dict(_dvc_data(answer["diff"], known))
        mine = {
            local: _our_data(self, data)
            for data in self.change.data
            # To DVC a dataset is no out.
            if data.tracked_by != "git" and not data.path.startswith("ds://")
            if (local := self.local(data.path)) is not None
        }
        for path in sorted(dvc.keys() | mine.keys()):
            if dvc.get(path) != mine.get(path):
                yield Difference("data", path, dvc.get(path), mine.get(path))

    def _index(self, lineage: Lineage) -> Iterator[Difference]:
        answer = self.dvc["index"][lineage.commit]
        if "error" in answer:
            yield Difference("stages", "", {"error": answer["error"]}, None)
            return
        dvc = answer["data"]["stages"]
        # To DVC a dataset is no stage.
        own = [stage for stage in lineage.stages if not stage.is_dataset]
        local = {stage.id: self.local(stage.id) for stage in own}
        mine = {name: _stage(self, stage) for stage in own if (name := local[stage.id]) is not None}
        for name in sorted(dvc.keys() | mine.keys()):
            theirs, ours = dvc.get(name), mine.get(name)
            if theirs is None or ours is None:
                yield Difference("stages", name, theirs, ours)
                continue
            for field in ("cmd", "deps", "params", "outs"):
                if field in ours and theirs[field] != ours[field]:
                    yield from _fields(f"{name} {field}", theirs[field], ours[field])
        edges = {
            (user, producer)
            for stage, links in build_graph(own).upstream.items()
            for link in links
            if (user := local[stage]) is not None and (producer := local[link.stage]) is not None
        }
        for edge in sorted(
            edges ^ {(user, producer) for user, producer in answer["data"]["edges"]}
        ):
            yield Difference("edges", " -> ".join(edge), edge not in edges, edge in edges)


def _fields(subject: str, dvc: Json, ours: Json) -> Iterator[Difference]:
    if not isinstance(dvc, dict) or not isinstance(ours, dict):
        yield Difference("stages", subject, dvc, ours)
        return
    for key in sorted(dvc.keys() | ours.keys()):
        if dvc.get(key) != ours.get(key):
            yield Difference("stages", f"{subject} {key}", dvc.get(key), ours.get(key))


def same_value(dvc: Json, ours: Json) -> bool:
    """Compare as JSON does, by type and value; a NaN equals itself."""
    if isinstance(dvc, dict) and isinstance(ours, dict):
        return dvc.keys() == ours.keys() and all(same_value(dvc[key], ours[key]) for key in dvc)
    if isinstance(dvc, float) and isinstance(ours, float) and math.isnan(dvc):
        return math.isnan(ours)
    if isinstance(dvc, bool) != isinstance(ours, bool):
        return False
    return bool(dvc == ours)


def _dvc_data(diff: Mapping[str, Json], known: set[str | None]) -> Iterator[tuple[str, Json]]:
    for entry in diff.get("added", ()):
        if (path := entry["path"].rstrip("/")) in known:
            yield path, ["added", None, entry["hash"], None]
    for entry in diff.get("deleted", ()):
        if (path := entry["path"].rstrip("/")) in known:
            yield path, ["removed", entry["hash"], None, None]
    for entry in diff.get("modified", ()):
        if (path := entry["path"].rstrip("/")) in known:
            yield path, ["modified", entry["hash"]["old"], entry["hash"]["new"], None]
    for entry in diff.get("renamed", ()):
        old, new = (entry["path"][side].rstrip("/") for side in ("old", "new"))
        if old in known or new in known:
            yield new, ["renamed", entry["hash"], entry["hash"], old]


def _our_data(pair: Pair, data: DataChange) -> Json:
    origin = pair.local(data.renamed_from) if data.renamed_from else None
    return [data.change, _side(data.old), _side(data.new), origin]


def _side(side: Side | None) -> str | None:
    return side.hash.partition(":")[2] if side and side.hash else None


def _stage(pair: Pair, stage: Stage) -> dict[str, Json]:
    def path(item: str, external: bool) -> str:
        local = None if external else pair.local(item)
        return item if local is None else local

    params: dict[str, set[str]] = {}
    for param in stage.params:
        params.setdefault(path(param.path, False), set()).update(param.keys)
    cmd = list(stage.cmd) if isinstance(stage.cmd, tuple) else stage.cmd
    found: dict[str, Json] = {
        "cmd": cmd,
        "params": {file: sorted(keys) for file, keys in params.items()},
        "outs": {path(o.path, o.external): [*_hash(o.locked), o.cache] for o in stage.outs},
    }
    if stage.imported is None:
        found["deps"] = {path(d.path, d.external): _hash(d.locked) for d in stage.deps}
    return found


def _hash(version: Version | None) -> list[str | None]:
    if version is None or version.hash is None:
        return [None, None]
    # Of a dataset DVC has the whole entry.
    is_dataset = version.hash.algorithm == "dataset"
    return [version.hash.algorithm, None if is_dataset else version.hash.value]
