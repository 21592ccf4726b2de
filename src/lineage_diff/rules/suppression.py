"""Suppress findings by a comment in a `dvc.yaml` or by the configuration.

A comment is `# lineage-diff: ignore[rule] reason`; the configuration has a list, `silence`.
"""

from collections.abc import Callable, Iterable, Iterator

from lineage_diff.lineage.code_usage import IgnoreComment
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.paths import matcher
from lineage_diff.lineage.policy import Policy
from lineage_diff.lineage.stage import Stage
from lineage_diff.report.change import Change
from lineage_diff.report.findings import Finding
from lineage_diff.rules.moved import KnownComments, Moved, origins
from lineage_diff.rules.rule import Context

_NEVER_SUPPRESSED = "policy-changed"
_ROOT = "dvc.yaml:"
_NOTHING_MOVED = Moved(Change(), (), ())


WhySuppressed = Callable[[Finding], str | None]
"""Returns the reason why a finding is suppressed, `None` if it is not."""


def comment_suppressor(context: Context) -> WhySuppressed:
    """Return a function that returns the reason of the comment that suppresses a finding.

    A comment applies to the findings on its line, and to those whose subject is the stage that
    begins there or an out of it. It needs a reason. If the base does not have it, or has it for
    another stage's outs, it suppresses no error: a change must not excuse itself.
    """
    ignore_comments, head = context.head_facts.ignore_comments, context.head
    if not ignore_comments:
        return lambda _: None
    trusted = context.trusted_facts.ignore_comments
    comments = KnownComments(context.trusted, trusted, head, origins(context.change))
    quiet: dict[tuple[str, str, int], list[IgnoreComment]] = {}
    for comment in ignore_comments:
        for rule in comment.rules if comment.reason else ():
            quiet.setdefault((rule, comment.file, comment.line), []).append(comment)
    stages: dict[str, Stage] = {}
    for stage in head.stages:
        if stage.line is not None:
            stages[stage.id] = stage
            stages.update((out.path, stage) for out in stage.outs)

    def known_of(finding: Finding) -> list[tuple[bool, str]]:
        line = (finding.rule, finding.file or "", finding.line or 0)
        known = [(comments.is_known(item), item.reason) for item in quiet.get(line, ())]
        subject = finding.subject
        # A subject is a stage's id or a path, with or without `:` and a detail.
        while True:
            if subject in stages:
                stage = stages[subject]
                of_stage = quiet.get((finding.rule, stage.file, stage.line or 0), ())
                known += [(comments.is_known_for(item, stage), item.reason) for item in of_stage]
            subject, colon, _ = subject.rpartition(":")
            if not colon:
                return known

    def why_suppressed(finding: Finding) -> str | None:
        if finding.rule == _NEVER_SUPPRESSED:
            return None
        found = known_of(finding)
        counts = [reason for known, reason in found if known or finding.severity != "error"]
        return counts[0] if counts else None

    return why_suppressed


def policy_suppressor(policy: Policy, moved: Moved = _NOTHING_MOVED) -> WhySuppressed:
    """Return a function that returns the reason of the policy's entry that suppresses a finding.

    It suppresses errors, too. The policy is that of the base branch, so a change cannot excuse
    itself by an entry. Nor can it by a move to a path or stage that an entry names: errors are
    suppressed only if the old path, or each stage that the outputs come from, matches as well.
    """
    if not policy.suppressions:
        return lambda _: None
    shown = ShownNames(moved.stages)
    entries: dict[str, list[tuple[Callable[[str], bool], str]]] = {}
    for entry in policy.suppressions:
        matches = _shown_name_matcher(entry.path) if entry.path is not None else lambda _: True
        entries.setdefault(entry.rule, []).append((matches, entry.reason))

    def why_suppressed(finding: Finding) -> str | None:
        if finding.rule not in entries:
            return None
        known = [shown.of(moved.now(finding))]
        if finding.severity == "error":
            known += map(shown.of, moved.before(finding))
        for matches, reason in entries[finding.rule]:
            if all(any(map(matches, names)) for names in known):
                return reason
        return None

    return why_suppressed


class ShownNames:
    """The names of findings in reports: paths, stages, and the entry that generates a stage."""

    def __init__(self, stages: Iterable[Stage]) -> None:
        self._of_stage = {stage.id: stage_names(stage) for stage in stages}

    def of(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return subjects and files with the names of their stages."""
        found = _with_short_ids(names)
        for name in names:
            # A detail may follow the stage and `:`.
            while name not in self._of_stage and ":" in name:
                name = name.rpartition(":")[0]
            found += self._of_stage.get(name, ())
        return found

    def matcher(self, path: str) -> Callable[[str], bool]:
        """Return a function to test whether an entry's glob matches a path or an id of a stage."""
        matches = _shown_name_matcher(path)
        return lambda name: any(map(matches, self.of((name,))))


def stage_names(stage: Stage) -> tuple[str, ...]:
    """Return the names of a stage in reports: its own, and its `foreach` or `matrix` entry's."""
    entry = (f"{stage.file}:{stage.group}",) if stage.group is not None else ()
    return _with_short_ids((stage.id, *entry))


def _with_short_ids(names: tuple[str, ...]) -> tuple[str, ...]:
    return names + tuple(name.removeprefix(_ROOT) for name in names if name.startswith(_ROOT))


def _shown_name_matcher(path: str) -> Callable[[str], bool]:
    """Return a function to test whether a glob matches a name; reports write its `*` as `…`."""
    return matcher((path if path.strip("/") == "…" else path.replace("…", "*"),))


def ignorer(policy: Policy, moved: Moved) -> Callable[[Finding], bool]:
    """Return a function to test whether the policy ignores a finding's paths, old and new."""
    ignored = matcher(policy.ignore)
    return lambda finding: (
        any(map(ignored, moved.now(finding)))
        and all(any(map(ignored, names)) for names in moved.before(finding))
    )


def can_match(context: Context) -> Callable[[str], bool]:
    """Return a function to test whether a glob matches a file, path or stage of the commits.

    The part after a name and `:` is a detail (a key, a dep) and is not compared.
    """
    lineages = (context.base, context.head, context.trusted)
    facts = (context.base_facts, context.head_facts, context.trusted_facts)
    names = sorted(
        {name for lineage in lineages for name in _names(lineage)}
        | {path for known in facts for path in known.configuration}
    )

    def matches(glob: str) -> bool:
        parts = glob.split(":")
        globs = (":".join(parts[:count]) for count in range(1, len(parts) + 1))
        tests = [_shown_name_matcher(start) for start in globs]
        return any(test(name) for test in tests for name in names)

    return matches


def _names(lineage: Lineage) -> Iterator[str]:
    for pipeline in lineage.pipelines:
        yield pipeline.file
        if pipeline.lock_file is not None:
            yield pipeline.lock_file
    for stage in lineage.stages:
        yield from stage_names(stage)
        yield stage.file
        yield from (dep.path for dep in stage.deps)
        yield from (out.path for out in stage.outs)
        yield from (param.path for param in stage.params)
    yield from (problem.file for problem in lineage.problems)
    yield from lineage.unreadable
    yield from lineage.metrics
    yield from lineage.params
