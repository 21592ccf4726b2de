"""Why a model is stale: the stages that make it so, and the kind of the reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from msgspec import Struct

from lineage_diff.render.groups.models import ModelGroup
from lineage_diff.render.groups.names import common_name, family_of
from lineage_diff.report.change import ModelChange, StageChange
from lineage_diff.report.reasons import STALE, Reason

# The most stages that are named of one chain.
_CHAIN = 50


class Because(Struct, frozen=True):
    """Why a model became stale; `subject` is the out or dep, if there is one."""

    kind: Literal["out-missing", "out-edited", "relocked", "never-ran", "inputs"]
    subject: str = ""


@dataclass(frozen=True)
class Staleness:
    """Find why models are stale, from the reasons of all stages of a report."""

    stages: Sequence[StageChange]

    def chain(self, model: ModelChange) -> list[str]:
        """Name the stages from the one that is stale by itself down to the model's own.

        Of a chain longer than `_CHAIN`, the last ones after an ellipsis.
        """
        found: dict[str, None] = {}
        name = model.stage
        while name is not None and name not in found:
            if len(found) == _CHAIN:
                return ["…", *reversed(found)]
            found[name] = None
            name = self._outdated_by.get(name)
        return list(reversed(found))

    def because(self, model: ModelChange) -> Because:
        """Return why a model became stale."""
        edited = self._edited_outs(model)
        if edited:
            missing = edited[0].kind == "out-missing"
            return Because("out-missing" if missing else "out-edited", edited[0].subject)
        relocked = self._relocked(model)
        if relocked is not None:
            return Because("relocked", relocked)
        return Because("never-ran" if self._never_ran(model) else "inputs")

    def row_chain(self, row: ModelGroup) -> list[str]:
        """Name the stages of `chain` of a row: of siblings the entries that generate them."""
        chain = self.chain(row.first)
        return chain if len(row.models) == 1 else entries_of(chain)

    def subject_of(self, row: ModelGroup) -> str:
        """Return the subject of `because`, or what the subjects of the models share."""
        return common_name([self.because(model).subject for model in row.models])

    def stages_of(self, row: ModelGroup) -> list[StageChange]:
        """Return the stages of the models of a row that are stale or not known."""
        names = {model.stage for model in row.models if model.freshness != "fresh"}
        return [self._by_name[name] for name in sorted(names & self._by_name.keys(), key=str)]

    @cached_property
    def _by_name(self) -> Mapping[str | None, StageChange]:
        return {stage.name: stage for stage in self.stages}

    @cached_property
    def _outdated_by(self) -> Mapping[str, str]:
        """By stage, the first upstream stage that outdates it."""
        found: dict[str, str] = {}
        for stage in self.stages:
            above = [reason.subject for reason in stage.reasons if reason.kind == "outdated-by"]
            if above:
                found[stage.name] = min(above)
        return found

    @cached_property
    def _reasons(self) -> Mapping[str, tuple[Reason, ...]]:
        return {stage.name: stage.reasons for stage in self.stages}

    def _edited_outs(self, model: ModelChange) -> list[Reason]:
        """Return the outs edited or deleted in Git, if nothing else makes the model stale."""
        reasons = [
            reason
            for name in self.chain(model)
            for reason in self._reasons.get(name, ())
            if reason.kind in STALE
        ]
        edited = all(reason.kind in ("out-changed", "out-missing") for reason in reasons)
        return reasons if edited else []

    def _own_reasons(self, model: ModelChange) -> tuple[Reason, ...]:
        return self._reasons.get(model.stage, ()) if model.stage is not None else ()

    def _relocked(self, model: ModelChange) -> str | None:
        """Return an unchanged dep for which the lock now records a different version."""
        locked = {
            reason.subject: (reason.actual, reason.locked)
            for reason in self._own_reasons(model)
            if reason.kind == "dep-changed" and reason.actual is not None
        }
        for cause in model.causes:
            if locked.get(cause.subject) == (cause.old, cause.new):
                return cause.subject
        return None

    def _never_ran(self, model: ModelChange) -> bool:
        """Whether no run of the model's own stage is recorded."""
        return any(reason.kind == "never-run" for reason in self._own_reasons(model))


def entries_of(stages: Iterable[str]) -> list[str]:
    """Return the stages with the entry that generates them for each that has one."""
    return [family_of(stage) or stage for stage in stages]
