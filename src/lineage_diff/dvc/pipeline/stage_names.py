"""Read the stage names and working folders of a `dvc.yaml`, enough to read its lock."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from lineage_diff.parsing.line_numbers import key_lines
from lineage_diff.parsing.work_budget import WorkBudget
from lineage_diff.parsing.yaml_loader import decode, load_yaml


class PipelineNames(Struct, frozen=True):
    """The keys under `stages`, and the `wdir` of the stages that have one.

    The stages that a `foreach` or `matrix` generates are found by its key: the rest of their name
    is ignored, and a templated `wdir` is not resolved.
    """

    names: frozenset[str] = frozenset()
    wdirs: Mapping[str, str] = field(default_factory=dict)

    def declares(self, name: str) -> bool:
        """Return whether a stage with this name from the lock is declared."""
        return name in self.names or name.partition("@")[0] in self.names

    def wdir(self, name: str) -> str:
        """Return a stage's working folder, relative to the folder of the file."""
        return self.wdirs.get(name) or self.wdirs.get(name.partition("@")[0]) or "."


def pipeline_names(content: bytes, file: str, work: WorkBudget | None = None) -> PipelineNames:
    """Read the names from a file's layout or, if that is not enough, from its YAML.

    Raises `InputError` for a file that cannot be read, or takes more `work` than is left.
    """
    text = decode(content, file)
    names = frozenset(key_lines(text))
    if names and "wdir" not in text:
        return PipelineNames(names)
    data: Any = load_yaml(text, file, work)
    stages = data.get("stages") if isinstance(data, dict) else None
    if not isinstance(stages, dict):
        return PipelineNames(frozenset())
    wdirs = {
        str(name): wdir
        for name, definition in stages.items()
        if isinstance(definition, dict)
        and isinstance(wdir := definition.get("wdir"), str)
        and "${" not in wdir
    }
    return PipelineNames(frozenset(str(name) for name in stages), wdirs)
