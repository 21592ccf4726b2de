"""The schemas of workflows and pipelines that check-jsonschema keeps, without its slow start."""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema_rs
from ruamel.yaml import YAML


def schema_errors(name: str, file: Path) -> list[str]:
    """Return what a YAML file breaks of a schema, as `github-workflows`; `on` is text, not true."""
    content = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    return [error.message for error in _validator(name).iter_errors(content)]


@cache
def _validator(name: str) -> Any:
    spec = find_spec("check_jsonschema")
    assert spec is not None
    assert spec.submodule_search_locations
    (folder,) = spec.submodule_search_locations
    file = Path(folder) / "builtin_schemas" / "vendor" / f"{name}.json"
    return jsonschema_rs.validator_for(json.loads(file.read_text(encoding="utf-8")))
