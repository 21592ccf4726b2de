"""The lineage of a model as tags of an MLflow run, within what MLflow lets tags be.

Limits of `mlflow.utils.validation`: a key is at most 250 characters (`MAX_ENTITY_KEY_LENGTH`) of
letters, digits and `/_.- ` (and a colon, but on Windows) that is a path in its shortest form; a
value is at most 8000 (`MAX_TAG_VAL_LENGTH`), in older servers 5000.
"""

import hashlib
import posixpath
import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from lineage_diff.lineage.graph import LineageGraph
from lineage_diff.lineage.mlflow import OURS, MlflowRun
from lineage_diff.lineage.models import Model
from lineage_diff.lineage.outputs import TrackedOutput
from lineage_diff.lineage.version import Version

KEY = 250
VALUE = 5000
_NO_KEY = re.compile(r"[^/\w.\- ]")
_DIGEST = 12


class TagChange(Struct, frozen=True):
    """What is to be written onto one run: tags that differ, and those of ours that are stale."""

    run: MlflowRun
    write: Mapping[str, str]
    remove: tuple[str, ...]


def lineage_tags(
    commit: str, model: Model, outs: Mapping[str, TrackedOutput], graph: LineageGraph, most: int
) -> tuple[dict[str, str], int]:
    """Return the tags for a model of a commit, sorted, and how many data versions were left out.

    `lineage_diff.data.PATH` is the hash of each out that the model is made from, of stages and of
    `.dvc` files, back to the sources; the `most` first by path.
    """
    tags = {"commit": commit, "model": model.path}
    if model.name is not None:
        tags["artifact"] = model.name
    made = model.made
    data: dict[str, str] = {}
    if made is not None:
        tags["stage"] = made.stage.address
        # A model inside of a folder that is an out has no hash of its own.
        if made.out.path == model.path and (text := _hash(made.version)) is not None:
            tags["model_hash"] = text
        for path in sorted(_upstream(made.stage.id, graph) & outs.keys()):
            if (text := _hash(outs[path].version)) is not None:
                data[f"data.{path}"] = text
    kept = dict(sorted(data.items())[:most])
    named = {tag_key(OURS + name): _value(value) for name, value in (tags | kept).items()}
    return dict(sorted(named.items())), len(data) - len(kept)


def tag_changes(runs: Iterable[MlflowRun], tags: Mapping[str, str]) -> tuple[TagChange, ...]:
    """Return what is to be written onto each run so that its tags of ours are `tags`."""
    return tuple(
        TagChange(
            run,
            {key: value for key, value in tags.items() if run.tags.get(key) != value},
            tuple(key for key in run.tags if key not in tags),
        )
        for run in runs
    )


def tag_key(name: str) -> str:
    """Return a key that MLflow takes: the name, or as much as fits with a digest of it all."""
    key = posixpath.normpath(_NO_KEY.sub("_", name))
    if key == name and len(key) <= KEY:
        return key
    digest = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:_DIGEST]
    return f"{key[: KEY - _DIGEST - 1].rstrip('/')}-{digest}"


def _value(text: str) -> str:
    # A path that is no UTF-8 cannot be sent as it is.
    return text.encode(errors="backslashreplace").decode()[:VALUE]


def _upstream(stage: str, graph: LineageGraph) -> set[str]:
    """Return the outs that a stage and those above it use."""
    paths: set[str] = set()
    seen = {stage}
    pending = [stage]
    while pending:
        for link in graph.upstream.get(pending.pop(), ()):
            paths.add(link.out)
            if link.stage not in seen:
                seen.add(link.stage)
                pending.append(link.stage)
    return paths


def _hash(version: Version | None) -> str | None:
    return str(version.hash) if version is not None and version.hash is not None else None
