"""The tip of the base branch: what it says counts, whichever commit a change started at."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.lineage.lineage import Lineage
from lineage_diff.report.change import Change
from lineage_diff.report.findings import Finding, Verdict
from lineage_diff.rules.rule import Context

if TYPE_CHECKING:
    from lineage_diff.dvc.lineage_reader import LineageReader
    from lineage_diff.git.repository import GitRepository
    from lineage_diff.git.snapshot import Snapshot

Fill = Callable[[Lineage], Lineage]


class BaseTip(Struct, frozen=True):
    """A tip that is another commit than the merge base; its lineage is read only where needed.

    `config` is the configuration's path, `None` for the usual place. `fill` adds what is fetched
    from the storage.
    """

    repository: "GitRepository"
    reader: "LineageReader"
    commit: str
    config: str | None
    fill: Fill

    def outline(self) -> Lineage:
        """Return the tip with its configuration alone."""
        from lineage_diff.app.rule_facts import with_configuration

        files = policy_files(self.repository, self.commit, self.config)
        return with_configuration(Lineage(self.commit), files, self.config)

    def lineage(self, head: Lineage) -> Lineage:
        """Return the tip with all that findings about the head are held against."""
        from lineage_diff.app.rule_facts import with_facts_of
        from lineage_diff.history.since_locked import with_history

        tip = self.fill(self.reader.read(self.commit))
        tip = with_history(self.repository, self.reader, tip)
        files = self.repository.snapshot(self.commit)
        return with_facts_of(head, tip, files, self.config, self.repository.limits)


def policy_files(repository: "GitRepository", commit: str, config: str | None) -> "Snapshot":
    """Return the files of a commit that its configuration is read from: all where it is named."""
    from lineage_diff.config.loader import PATHS

    return repository.snapshot(commit) if config is not None else repository.files_at(commit, PATHS)


def judge_at_tip(
    context: Context, tip: BaseTip | None
) -> tuple[Change, tuple[Finding, ...], Verdict]:
    """Judge a change; what was there before it is excused only if the tip has it, too.

    Returns the change as well, for what it says was stale before. Without a `tip` it is the base.
    """
    from lineage_diff.diff.at_tip import is_excused
    from lineage_diff.rules.engine import are_excused, find_all, settle
    from lineage_diff.rules.lost import may_be_lost

    if tip is not None:
        context = replace(context, tip=tip.outline())
        # A comment that silences must be at the tip, and what is fresh there may not be lost.
        change = context.change
        if is_excused(change) or may_be_lost(change) or context.head.silences:
            context = _with_lineage(context, tip)
    found = find_all(context)
    if tip is not None and not context.tip_is_read and are_excused(context.policy, found):
        context = _with_lineage(context, tip)
        found = find_all(context)
    return context.change, *settle(context, found)


def _with_lineage(context: Context, tip: BaseTip) -> Context:
    from lineage_diff.diff.at_tip import with_tip

    lineage = tip.lineage(context.head)
    change = with_tip(context.change, context.head, lineage)
    return replace(context, change=change, tip=lineage, tip_is_read=True)
