"""Convert the lineage of a model to tags of an MLflow run, within MLflow's limits.

Limits of `mlflow.utils.validation`: a key has at most 250 characters (`MAX_ENTITY_KEY_LENGTH`) of
letters, digits and `/_.- ` (and a colon, except on Windows), and is a normalized path; a value has
at most 8000 characters (`MAX_TAG_VAL_LENGTH`), on older servers 5000.
"""

import hashlib
import posixpath
import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from lineage_diff.lineage.graph import LineageGraph, upstream_of
from lineage_diff.lineage.mlflow import OURS, MlflowRun
from lineage_diff.lineage.models import Model
from lineage_diff.lineage.outputs import TrackedOutput
from lineage_diff.lineage.version import hash_text

KEY = 250
VALUE = 5000
_NO_KEY = re.compile(r"[^/\w.\- ]")
_DIGEST = 12


class TagChange(Struct, frozen=True):
    """The changes for one run: tags to write, and stale tags of ours to remove."""

    run: MlflowRun
    write: Mapping[str, str]
    remove: tuple[str, ...]


def lineage_tags(
    commit: str, model: Model, outs: Mapping[str, TrackedOutput], graph: LineageGraph, most: int
) -> tuple[dict[str, str], int]:
    """Return the tags for a model of a commit, sorted, and how many data versions were left out.

    `lineage_diff.data.PATH` is the hash of each upstream out of the model, of stages and `.dvc`
    files, back to the sources; only the first `most` by path are included.
    """
    tags = {"commit": commit, "model": model.path}
    if model.name is not None:
        tags["artifact"] = model.name
    made = model.made
    data: dict[str, str] = {}
    if made is not None:
        tags["stage"] = made.stage.address
        # A model inside a directory out has no hash of its own.
        if made.out.path == model.path and (text := hash_text(made.version)) is not None:
            tags["model_hash"] = text
        for path in sorted(_upstream(made.stage.id, graph) & outs.keys()):
            if (text := hash_text(outs[path].version)) is not None:
                data[f"data.{path}"] = text
    kept = dict(sorted(data.items())[:most])
    named = {tag_key(OURS + name): _value(value) for name, value in (tags | kept).items()}
    return dict(sorted(named.items())), len(data) - len(kept)


def tag_changes(runs: Iterable[MlflowRun], tags: Mapping[str, str]) -> tuple[TagChange, ...]:
    """Return the changes for each run that set its tags of ours to `tags`."""
    return tuple(
        TagChange(
            run,
            {key: value for key, value in tags.items() if run.tags.get(key) != value},
            tuple(key for key in run.tags if key not in tags),
        )
        for run in runs
    )


def tag_key(name: str) -> str:
    """Return a valid MLflow key: the name, or its valid start with a digest of the name."""
    key = posixpath.normpath(_NO_KEY.sub("_", name))
    if key == name and len(key) <= KEY:
        return key
    digest = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:_DIGEST]
    return f"{key[: KEY - _DIGEST - 1].rstrip('/')}-{digest}"


def _value(text: str) -> str:
    # A path that is not UTF-8 cannot be sent as it is.
    return text.encode(errors="backslashreplace").decode()[:VALUE]


def _upstream(stage: str, graph: LineageGraph) -> set[str]:
    """Return the outs that a stage and its upstream stages use."""
    stages = upstream_of(graph, (stage,))
    return {link.out for one in stages for link in graph.upstream.get(one, ())}
