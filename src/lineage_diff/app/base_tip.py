"""Evaluate a change with the policy of the base branch's tip, not of the merge base."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.app.evaluate import Evaluated, Lines, has_written, read_state, with_earlier_runs
from lineage_diff.app.opened import Opened, policy_files
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.graph import build_graph, folders_around, value_around
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.models import find_models
from lineage_diff.lineage.outputs import outputs_by_path
from lineage_diff.lineage.policy import Policy
from lineage_diff.lineage.stage import Stage
from lineage_diff.lineage.version import hash_text
from lineage_diff.report.change import Change
from lineage_diff.rules.facts import RuleFacts
from lineage_diff.rules.rule import Context

if TYPE_CHECKING:
    from lineage_diff.dvc.storage.fetcher import Fetcher

# The files that declare stages, what `${…}` in them takes, and what hides them from DVC.
_DECLARING = (".yaml", ".yml", ".json", ".toml", ".py", ".dvc", ".dvcignore", ".dvc/config")


class BaseTip(Struct, frozen=True):
    """A tip that differs from the merge base; its lineage is read only if needed.

    `opened` is the head to compare with it. `fetcher` reads its listings from the storage; `None`
    if listings are not fetched.
    """

    opened: Opened
    commit: str
    fetcher: "Fetcher | None"

    def outline(self) -> RuleFacts:
        """Return the facts from the tip's configuration only."""
        from lineage_diff.app.rule_facts import configuration_facts

        config = self.opened.config
        files = policy_files(self.opened.repository, self.commit, config)
        return configuration_facts(files, config)

    def may_declare_other_stages(self, base: Lineage) -> bool:
        """Whether the tip may have other stages than the merge base, or see more of their inputs.

        Compares the files of the two commits only: for most tips, this saves reading the lineage.
        """
        snapshot = self.opened.repository.snapshot
        old, new = snapshot(base.commit).files(), snapshot(self.commit).files()
        return any(
            path.endswith(_DECLARING) or entry.kind in ("symlink", "submodule")
            for path, entry in old.items() ^ new.items()
        )

    def coming_stages(self, base: Lineage, head: Lineage) -> tuple[Stage, ...]:
        """Return the stages that the change adds or edits, if an input may differ at the tip."""
        before = set(map(id, base.stages))
        coming = [stage for stage in head.stages if id(stage) not in before and stage.lock]
        if not coming:
            return ()
        snapshot = self.opened.repository.snapshot
        old, new = snapshot(base.commit).files(), snapshot(self.commit).files()
        paths = {path for path, _ in old.items() ^ new.items()}
        if any(path.endswith((".lock", ".dvc")) for path in paths):
            paths.update(out.path for stage in head.stages for out in stage.outs)
        paths |= folders_around(paths)
        return tuple(
            stage for stage in coming if not paths.isdisjoint((*stage.used_paths, stage.file))
        )

    def edited_inputs(self, base: Lineage, head: Lineage, tip: Lineage) -> frozenset[str]:
        """Return the inputs of the tip's stages that differ at the head from both base and tip.

        So are the DVC files of stages that only the tip has.
        """
        known = {stage.id for side in (base, head) for stage in side.stages}
        unread = [stage for stage in tip.stages if stage.id not in known]
        paths = {path for stage in tip.stages for path in stage.used_paths}
        paths.update(path for stage in unread for path in stage.own_files)
        return self.changed_paths(paths, base, tip, head)

    def ignored_at(self, head: Lineage, base: Lineage, tip: Lineage) -> frozenset[str]:
        """Return files of pipelines that only the tip has, if Git ignores them in the head."""
        known = {pipeline.file for side in (base, head) for pipeline in side.pipelines}
        coming = [pipeline for pipeline in tip.pipelines if pipeline.file not in known]
        if not coming:
            return frozenset()
        # Imported here: hardly any tip has such a pipeline.
        from lineage_diff.git.path_rules import GitIgnore

        git_ignore = GitIgnore(self.opened.repository.snapshot(head.commit))
        files = (path for pipeline in coming for path in (pipeline.file, pipeline.lock_file))
        return frozenset(path for path in files if path and git_ignore.ignores(path))

    def changed_paths(
        self, paths: Iterable[str], base: Lineage, other: Lineage, last: Lineage
    ) -> frozenset[str]:
        """Return the paths at which the last commit differs from the two others."""
        commits = (base, other, last)
        snapshots = [self.opened.repository.snapshot(it.commit) for it in commits]
        outs = [
            {out.path: hash_text(out.locked) for stage in it.stages for out in stage.outs}
            for it in commits
        ]

        def is_edited(path: str) -> bool:
            *others, now = (files.entry(files.resolve(path) or path) for files in snapshots)
            *recorded, new = (value_around(path, known) for known in outs)
            # What both others have, and the last has not, is removed by a merge.
            return now not in others or (new is not None and new not in recorded)

        return frozenset(path for path in paths if is_edited(path))

    def read(
        self, head: Lineage, head_facts: RuleFacts, coming: Sequence[Stage]
    ) -> tuple[CommitState, RuleFacts]:
        """Return the tip's lineage and facts, with which findings on the head are compared.

        `coming` are stages of the head whose deps are read at the tip, too.
        """
        from lineage_diff.app.rule_facts import facts_of_tip

        opened = self.opened
        lineage, held = opened.reader.read_with_contents(self.commit, later=coming)
        listings = self.fetcher.fetch_listings(lineage, head)[0] if self.fetcher else {}
        tip = read_state(opened.history, opened.reader, lineage, held, listings)
        files = opened.repository.snapshot(self.commit)
        limits = opened.policy.limits
        return tip, facts_of_tip(files, tip, head_facts, opened.config, limits)


def evaluate_change(
    opened: Opened,
    change: Change,
    base: CommitState,
    head: CommitState,
    lines: Lines,
    tip: BaseTip | None,
) -> Evaluated:
    """Run the rules; an earlier problem is excused only if the tip has it, too.

    `lines` are the line numbers of the values that the change names. The result contains the
    change, updated for what was stale before. Without a `tip`, the base is the tip.
    """
    from lineage_diff.app.rule_facts import facts_of_change
    from lineage_diff.freshness.at_tip import is_excused
    from lineage_diff.rules.engine import are_excused, find_all, select_findings
    from lineage_diff.rules.lost import may_be_lost

    facts = facts_of_change(opened.repository, base, head, opened.config, lines)
    is_off = opened.policy.rules.get("nondeterministic-stage") == "off"
    if not is_off and any("ran" in stage.changed for stage in change.stages):
        # Imported here: in most changes nothing ran.
        from lineage_diff.history.repeated_runs import find_repeated_runs

        blocks = opened.reader.lock_blocks
        runs = find_repeated_runs(opened.history, base.lineage, head.lineage, blocks)
        facts = (facts[0], replace(facts[1], repeated_runs=runs))
    context = Context(change, base.lineage, head.lineage, opened.policy, *facts)
    if tip is not None:
        context = replace(context, tip=Lineage(tip.commit), tip_facts=tip.outline())
        coming = tip.coming_stages(base.lineage, head.lineage)
        # A suppressing comment must be at the tip, and freshness at the tip must not be lost.
        if (
            is_excused(change)
            or may_be_lost(change)
            or context.head_facts.ignore_comments
            or tip.may_declare_other_stages(base.lineage)
            or has_written(opened, context.head_state, base.lineage)
            or coming
        ):
            context = _with_lineage(context, tip, coming)
    found = find_all(context)
    if tip is not None and not context.tip_is_read and are_excused(context.policy, found):
        # No stage is coming: otherwise the lineage was read above.
        context = _with_lineage(context, tip, ())
        found = find_all(context)
    return Evaluated(context.change, head.lineage, *select_findings(context, found))


def _with_lineage(context: Context, tip: BaseTip, coming: Sequence[Stage]) -> Context:
    from lineage_diff.freshness.at_tip import with_tip

    state, facts = tip.read(context.head, context.head_facts, coming)
    known = with_earlier_runs(tip.opened, context.head_state, state.lineage).evidence
    if known.locked_at != context.head_facts.evidence.locked_at:
        context = replace(context, head_facts=replace(context.head_facts, evidence=known))
        facts = replace(facts, dates_runs=True)
    edited = tip.edited_inputs(context.base, context.head, state.lineage)
    if edited:
        facts = replace(facts, edited_inputs=edited, models=_models_below(state, context.policy))
    ignored = tip.ignored_at(context.head, context.base, state.lineage)
    if ignored:
        facts = replace(facts, ignored_at_head=ignored)
    used = {path for stage in coming for path in (*stage.used_paths, stage.file)}
    moved = tip.changed_paths(used, context.base, context.head, state.lineage)
    if moved:
        facts = replace(facts, moved_inputs=moved)
        made = _models_below(context.head_state, context.policy)
        context = replace(context, head_facts=replace(context.head_facts, models=made))
    change = with_tip(context.change, context.head, state)
    return replace(context, change=change, tip=state.lineage, tip_facts=facts, tip_is_read=True)


def _models_below(state: CommitState, policy: Policy) -> Mapping[str, str]:
    """Return a model that each stage makes, itself or by stages downstream, by the stage's id."""
    lineage = state.lineage
    outs = outputs_by_path(lineage.stages, state.evidence.contents)
    models = find_models(outs, lineage.artifacts, policy)
    found = {
        model.made.stage.id: path
        for path, model in reversed(models.items())
        if model.made is not None
    }
    upstream = build_graph(lineage.stages).upstream
    # Each stage once: the nearest model is found first.
    waiting = list(found)
    for stage in waiting:
        for link in upstream.get(stage, ()):
            if link.stage not in found:
                found[link.stage] = found[stage]
                waiting.append(link.stage)
    return found
