"""A commit with the evidence on its stages, as the commands read it."""

from lineage_diff.app.evaluate import read_state
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.git.repository import GitRepository
from lineage_diff.history.reader import HistoryReader
from lineage_diff.lineage.evidence import CommitState, commit_alone


def state_alone(reader: LineageReader, commit: str) -> CommitState:
    """A commit with the evidence that it holds itself."""
    return commit_alone(*reader.read_with_contents(commit))


def state_with_history(repository: GitRepository, commit: str) -> CommitState:
    """A commit with the evidence of its history, too."""
    reader = LineageReader(repository)
    return read_state(HistoryReader(repository), reader, *reader.read_with_contents(commit))
