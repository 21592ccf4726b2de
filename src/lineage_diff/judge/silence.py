"""Which findings are silenced: by a comment in a `dvc.yaml`, or by the configuration.

A comment is `# lineage-diff: ignore[rule] reason`; the configuration has a list, `silence`.
"""

from collections.abc import Callable, Iterable

from lineage_diff.compare.globs import matcher
from lineage_diff.judge.finding import Finding
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy
from lineage_diff.lineage.uses import Silence

_ALWAYS_TOLD = "policy-changed"


def silencer(base: Lineage, head: Lineage) -> Callable[[Finding], bool]:
    """Return a test whether a finding is silenced.

    A comment speaks for the findings on its line, and for those whose subject is the stage that
    begins there, or what it makes. One without a reason does not count; one that the base lacks
    silences no error: a change may not excuse itself.
    """
    if not head.silences:
        return lambda _: False
    quiet: dict[tuple[str, str, int], bool] = {}
    for silence in head.silences:
        known = is_known(silence, base.silences)
        for rule in silence.rules if silence.reason else ():
            quiet[rule, silence.file, silence.line] = known
    places: dict[str, tuple[str, int]] = {}
    for stage in head.stages:
        if stage.line is not None:
            places[stage.id] = stage.file, stage.line
            places.update((out.path, (stage.file, stage.line)) for out in stage.outs)

    def is_silenced(finding: Finding) -> bool:
        if finding.rule == _ALWAYS_TOLD:
            return False
        subject = finding.subject
        found = [(finding.file or "", finding.line or 0)]
        # A subject is a stage's id, a path, or one of both with `:` and a detail behind it.
        while True:
            if subject in places:
                found.append(places[subject])
            subject, colon, _ = subject.rpartition(":")
            if not colon:
                break
        known = [quiet[key] for key in ((finding.rule, *place) for place in found) if key in quiet]
        return any(known) or (bool(known) and finding.severity != "error")

    return is_silenced


def policy_silencer(policy: Policy) -> Callable[[Finding], bool]:
    """Return a test whether an entry of the policy silences a finding, errors too.

    The policy is that of the base branch, so a change cannot excuse itself by it.
    """
    entries: dict[str, list[Callable[[str], bool]]] = {}
    for entry in policy.silence:
        matches = matcher((entry.path,)) if entry.path is not None else lambda _: True
        entries.setdefault(entry.rule, []).append(matches)
    return lambda finding: any(
        matches(finding.subject) or (finding.file is not None and matches(finding.file))
        for matches in entries.get(finding.rule, ())
    )


def is_known(silence: Silence, others: Iterable[Silence]) -> bool:
    """Whether another commit has the same comment for the same line of text."""
    return any(
        (other.file, other.rules, other.reason, other.anchor)
        == (silence.file, silence.rules, silence.reason, silence.anchor)
        for other in others
    )
