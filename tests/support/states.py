"""A commit with the evidence on its stages, as the commands read it."""

from collections.abc import Mapping

from lineage_diff.app.evaluate import read_state
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.freshness.stages import StageFreshness
from lineage_diff.git.repository import GitRepository
from lineage_diff.history.reader import HistoryReader
from lineage_diff.lineage.evidence import CommitState, commit_alone
from lineage_diff.report.reasons import STALE


def state_alone(reader: LineageReader, commit: str) -> CommitState:
    """A commit with the evidence that it holds itself."""
    return commit_alone(*reader.read_with_contents(commit))


def state_with_history(repository: GitRepository, commit: str) -> CommitState:
    """A commit with the evidence of its history, too."""
    reader = LineageReader(repository)
    return read_state(HistoryReader(repository), reader, *reader.read_with_contents(commit))


def stale_by_itself(state: CommitState, found: Mapping[str, StageFreshness]) -> set[str]:
    """The addresses of the stages that `dvc status` should report: those stale by themselves."""
    return {
        stage.address
        for stage in state.lineage.stages
        if any(reason.kind in STALE for reason in found[stage.id].reasons)
    }
