"""Which findings a comment in a `dvc.yaml` silences: `# lineage-diff: ignore[rule] reason`."""

from collections.abc import Callable, Iterable

from lineage_diff.judge.finding import Finding
from lineage_diff.lineage.lineage import Lineage
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


def is_known(silence: Silence, others: Iterable[Silence]) -> bool:
    """Whether another commit has the same comment for the same line of text."""
    return any(
        (other.file, other.rules, other.reason, other.anchor)
        == (silence.file, silence.rules, silence.reason, silence.anchor)
        for other in others
    )
