"""What kind of thing a path that Git tracks is, by its name."""

from lineage_diff.compare.cause import CauseKind

_DATA = frozenset(
    {"csv", "tsv", "json", "jsonl", "ndjson", "parquet", "feather", "arrow", "xlsx", "xls"}
    | {"txt", "npy", "npz", "pkl", "h5", "hdf5", "xml", "db", "sqlite", "zip", "gz", "tar"}
    | {"png", "jpg", "jpeg", "wav", "mp3", "geojson", "gpkg", "shp", "zst", "avro", "orc"}
)
_ENVIRONMENT = frozenset(
    {"dockerfile", "pyproject.toml", "poetry.lock", "uv.lock", "pdm.lock", "pipfile"}
    | {"pipfile.lock", "environment.yml", "environment.yaml", "conda-lock.yml", "pixi.lock"}
    | {"pixi.toml", "setup.py", "setup.cfg", "renv.lock", "description", "cargo.toml"}
    | {"cargo.lock", "package.json", "package-lock.json", "yarn.lock", "go.mod", "go.sum"}
)


def git_kind(path: str) -> CauseKind:
    """Tell code, data and environment apart by a Git-tracked path's name."""
    name = path.rpartition("/")[2].lower()
    requirements = name.startswith("requirements") and name.endswith((".txt", ".in"))
    if name in _ENVIRONMENT or requirements or name.startswith("dockerfile."):
        return "environment"
    return "data" if name.rpartition(".")[2] in _DATA else "code"
