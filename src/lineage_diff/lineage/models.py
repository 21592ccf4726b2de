"""Find the models among the outs.

An out is a model by, in this order: an entry of `artifacts` with `type: model`; the annotation
`type: model`; a glob of the configuration; the convention below. Metrics, plots and outs
annotated with another type are no models.

The convention: a file with a suffix that only models have; or a file or folder in a folder named
for models (or such a folder itself), unless it has a suffix of data, text or images; or a general
suffix (`.pkl`, `.bin`, `.h5`, `.json`, …) with a name that contains a word for a model.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

from lineage_diff.lineage.graph import value_around
from lineage_diff.lineage.lineage import IdentifiedBy, RegistryArtifact
from lineage_diff.lineage.outputs import TrackedOutput
from lineage_diff.lineage.paths import matcher
from lineage_diff.lineage.policy import Policy


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MODEL_SUFFIXES = _words(
    ".pt .pth .onnx .keras .safetensors .ckpt .tflite .cbm .ubj .mlmodel .mlpackage "
    ".gguf .ggml .pmml .joblib .caffemodel .torchscript .engine .skops .mar .h2o "
    ".mojo .booster"
)
GENERAL_SUFFIXES = _words(
    ".pkl .pickle .bin .h5 .hdf5 .pb .rds .rda .zip .json .txt .model .dill "
    ".cloudpickle .npz .tar .gz .xgb .lgb .mat"
)
MODEL_FOLDERS = frozenset({"model", "models", "checkpoint", "checkpoints", "weights"})
NO_MODEL_SUFFIXES = _words(
    ".csv .tsv .json .jsonl .yaml .yml .toml .parquet .feather .arrow .txt .md .html "
    ".png .jpg .jpeg .svg .pdf .gif .xlsx .xls .log .npy .py .ipynb .r .sh .xml "
    ".sqlite .db .zst .gz .zip .gpkg .geojson .shp"
)
_SAYS_MODEL = re.compile(
    r"(?:^|[._-])(?:models?|classifier|regressor|estimator|weights|clf|checkpoint)(?:$|[._-]|\d)"
)
_SAYS_OTHER = re.compile(
    r"(?:predictions?|recipe|samples?|scores?|metrics?|summary|vocab|tokenizer|vectorizer|encoder_map|scaler|history|logs?)"
)


class Model(Struct, frozen=True):
    """An out that is a model. `name` is its name in the registry, `None` if it has none."""

    path: str
    name: str | None
    made: TrackedOutput | None
    identified_by: IdentifiedBy


def find_models(
    outs: Mapping[str, TrackedOutput], artifacts: tuple[RegistryArtifact, ...], policy: Policy
) -> dict[str, Model]:
    """Return the models of a commit by path.

    An artifact whose path is no out (tracked by Git, or inside an out's folder) counts too.
    """
    wanted = matcher(policy.models)
    names: dict[str, str] = {}
    others: set[str] = set()
    for artifact in sorted(artifacts, key=lambda item: (item.path, item.file, item.name)):
        if artifact.type == "model":
            names.setdefault(artifact.path, artifact.name)
        else:
            others.add(artifact.path)
    found: dict[str, Model] = {}
    for path, made in outs.items():
        by = _identify(path, made, path in names, path in others, wanted(path))
        if by is not None and not made.stage.is_dataset:
            found[path] = Model(path, names.get(path), made, by)
    for path, name in names.items():
        if path not in found:
            found[path] = Model(path, name, value_around(path, outs), "artifact")
    return dict(sorted(found.items()))


def _identify(
    path: str, made: TrackedOutput, named: bool, other: bool, wanted: bool
) -> IdentifiedBy | None:
    if named:
        return "artifact"
    if made.out.type == "model":
        return "annotation"
    if wanted:
        return "config"
    if made.out.kind != "out" or made.out.type is not None or other:
        return None
    return "convention" if by_convention(path) else None


@lru_cache(1 << 16)
def by_convention(path: str) -> bool:
    """Whether a path looks like that of a model."""
    *folders, name = path.lower().split("/")
    dot = name.find(".", 1)
    last = name.rfind(".")
    suffix = name[last:] if last > 0 else ""
    if suffix in MODEL_SUFFIXES:
        return not _SAYS_OTHER.search(name)
    if _SAYS_OTHER.search(name):
        return False
    stem = name[:dot] if dot > 0 else name
    if _SAYS_MODEL.search(stem):
        return not suffix or suffix in GENERAL_SUFFIXES
    inside = any(folder in MODEL_FOLDERS for folder in folders)
    return inside and suffix not in NO_MODEL_SUFFIXES
