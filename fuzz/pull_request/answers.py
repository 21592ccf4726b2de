"""What DVC says of a work tree: its stages, what they make, and which of them changed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from tests.support.dvc_repo import dvc_environment
from tests.support.json_process import JsonProcess

_WORKER = Path(__file__).with_name("dvc_worker.py")


class Out(msgspec.Struct, frozen=True):
    """What a stage makes: its recorded hash, whether DVC keeps it, whether it is a model."""

    hash: str | None
    cached: bool
    model: bool


class Stage(msgspec.Struct, frozen=True):
    """A stage or `.dvc` file; `above` are the addresses of all upstream of it."""

    command: bool
    frozen: bool
    above: tuple[str, ...]
    outs: dict[str, Out]


class Answer(msgspec.Struct, frozen=True):
    """What DVC says of one work tree; `refused` is its reason where it says nothing.

    `status` is that of `dvc status`, by address.
    """

    stages: dict[str, Stage] = {}
    status: dict[str, list[Any]] = {}
    refused: str | None = None

    def makers(self) -> Mapping[str, str]:
        """Return the address of the stage with a command that makes each path."""
        return {
            path: name
            for name, stage in self.stages.items()
            if stage.command
            for path in stage.outs
        }

    def models(self) -> Mapping[str, Out]:
        """Return the models by path."""
        return {
            path: out
            for stage in self.stages.values()
            for path, out in stage.outs.items()
            if out.model
        }

    def changes(self, name: str) -> dict[str, str]:
        """Return what changed of a stage, by kind and path, without what only a cache lacks.

        A clone has no cache: data that DVC keeps and that is not there has not changed.
        """
        kept = {
            path
            for stage in self.stages.values()
            for path, out in stage.outs.items()
            if out.hash and out.cached
        }
        found = dict[str, str]()
        for entry in self.status.get(name, []):
            if not isinstance(entry, dict):
                if entry != "always changed":
                    found[str(entry)] = "changed"
                continue
            for kind, paths in entry.items():
                for path, how in paths.items() if isinstance(paths, dict) else [("", paths)]:
                    absent = how in ("deleted", "not in cache") and any(
                        path == each or path.startswith(f"{each}/") for each in kept
                    )
                    if not absent:
                        found[f"{kind} {path}".strip()] = str(how)
        return found

    def red(self, name: str) -> dict[str, dict[str, str]]:
        """Return what changed of a stage with a command, and of all such upstream of it."""
        whole = {each: self.changes(each) for each in (name, *self.stages[name].above)}
        return {
            each: changes
            for each, changes in whole.items()
            if changes and self.stages[each].command
        }


class Dvc:
    """A process of DVC that answers questions on work trees."""

    def __init__(self) -> None:
        self._process = JsonProcess(_WORKER, dvc_environment())

    def ask(self, root: Path) -> Answer:
        """Return what DVC says of a work tree."""
        return msgspec.convert(self._process.ask(json.dumps(str(root))), Answer)

    def close(self) -> None:
        """End the process."""
        self._process.close()
