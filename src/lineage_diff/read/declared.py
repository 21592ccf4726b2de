"""What one DVC project of a commit declares: enough to know which values files DVC would read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lineage_diff.lineage.lineage import RegistryArtifact
from lineage_diff.lineage.stage import Stage


@dataclass(frozen=True, slots=True)
class Declared:
    """One DVC project: the folder that holds `.dvc`, and all that its DVC files declare.

    `root` is that folder, `""` for the repository's own. `stages` are sorted by id and hold the
    `.dvc` files too. `top_metrics`, `top_params` and `top_plots` are pairs of a `dvc.yaml`'s path
    and a path that its top-level list names; all paths are relative to the repository's root.
    `tracked_vars` holds, by stage id and then by the file they came from, the variables that
    templating used in the stage (`dvc.stage.Stage.tracked_vars`).
    """

    root: str
    stages: tuple[Stage, ...] = ()
    top_metrics: tuple[tuple[str, str], ...] = ()
    top_params: tuple[tuple[str, str], ...] = ()
    top_plots: tuple[tuple[str, str], ...] = ()
    artifacts: tuple[RegistryArtifact, ...] = ()
    tracked_vars: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
