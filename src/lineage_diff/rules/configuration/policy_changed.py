"""`policy-changed`: a change of what the next changes are judged by, or of what is silenced."""

from collections.abc import Iterator, Mapping

from lineage_diff.lineage.code_usage import Silence
from lineage_diff.lineage.paths import matcher
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import context
from lineage_diff.rules.facts import RuleFacts
from lineage_diff.rules.known_comments import KnownComments
from lineage_diff.rules.rule import Context, Example, Rule
from lineage_diff.rules.suppression import origins
from lineage_diff.rules.wording import code

NAME = "policy-changed"
_USUAL = (".github", ".github/lineage-diff.yml", ".github/lineage-diff.yaml")


def _check(context: Context) -> Iterator[Finding]:
    yield from _base_moved_on(context)
    yield from _configuration(context)
    yield from _fetch_settings(context)
    yield from _comments(context)
    yield from _moved_to_silence(context)


def _configuration(context: Context) -> Iterator[Finding]:
    old, new = context.base_facts.configuration, context.head_facts.configuration
    known = context.trusted_facts.configuration
    for name in sorted(old.keys() | new.keys()):
        if new.get(name) not in (old.get(name), known.get(name)):
            what = "adds" if name not in old else "removes" if name not in new else "changes"
            file = _differing(context, name)
            through = f", through {code(file)}" if file != name else ""
            yield Finding(
                NAME,
                "warning",
                name,
                f"this change {what} {code(name)}{through}, which says how changes are judged"
                f"{_other_case(name)}",
                "Review it: it counts from the next change on, when it is in the base.",
                file,
                1,
            )


def _differing(context: Context, name: str) -> str:
    """Return the file by which what is read under a name differs: a link on the way, its end."""
    old = context.base_facts.configuration_at.get(name, {})
    new = context.head_facts.configuration_at.get(name, {})
    if not (old or new):
        return name
    before: Mapping[str, str | None] = old or {name: context.base_facts.configuration.get(name)}
    now: Mapping[str, str | None] = new or {name: context.head_facts.configuration.get(name)}
    return next((path for path in (*now, *before) if before.get(path) != now.get(path)), name)


def _other_case(name: str) -> str:
    usual = name.lower() in _USUAL and name not in _USUAL
    return " where the file system knows no case" if usual else ""


def _fetch_settings(context: Context) -> Iterator[Finding]:
    """Tell where the next changes' data would be fetched from another place."""
    old, new = context.base_facts.fetch_settings, context.head_facts.fetch_settings
    known = context.trusted_facts.fetch_settings
    for path in sorted(old.keys() | new.keys()) if context.policy.fetch else ():
        if new.get(path) not in (old.get(path), known.get(path)):
            yield Finding(
                NAME,
                "warning",
                path,
                f"this change sets in {code(path)} from where data is fetched",
                "Review the addresses: when it is in the base, the next changes are judged by "
                "what is there, and who reads them sends their credentials there.",
                path,
                1,
            )


def _comments(context: Context) -> Iterator[Finding]:
    moved = origins(context.change)
    head = context.head
    started = KnownComments(context.base, context.base_facts.silences, head, moved)
    trusted = KnownComments(context.trusted, context.trusted_facts.silences, head, moved)
    for silence in context.head_facts.silences:
        if not silence.reason or trusted.is_known(silence):
            continue
        if started.is_known(silence):
            yield _no_longer_there(silence)
        else:
            rules = ", ".join(code(rule) for rule in silence.rules)
            yield Finding(
                NAME,
                "warning",
                f"{silence.file}:{silence.line}",
                f"this change silences {rules} here: {silence.reason}",
                "Review it: until it is in the base it silences warnings only, no error.",
                silence.file,
                silence.line,
            )


def _moved_to_silence(context: Context) -> Iterator[Finding]:
    """Tell of what a change moves to where the configuration silences or ignores."""
    policy, places = context.policy, {stage.id: stage for stage in context.head.stages}
    globs = [(entry.path, f"silences {code(entry.rule)}") for entry in policy.silence if entry.path]
    globs += [(path, "ignores what is found") for path in policy.ignore]
    tests = [(matcher((glob,)), words) for glob, words in globs]
    for new, old in sorted(_moves(context)):
        for words in sorted({words for test, words in tests if test(new) and not test(old)}):
            stage = places.get(new)
            yield Finding(
                NAME,
                "warning",
                new,
                f"this change moves {code(old)} to {code(new)}, where the configuration {words}",
                "Review it: errors count until the move is in the base.",
                stage.file if stage else None,
                stage.line if stage else None,
            )


def _moves(context: Context) -> Iterator[tuple[str, str]]:
    """Yield what is elsewhere now and where it was; of a model also the stage that makes it."""
    moved = origins(context.change)
    yield from moved.items()
    makers = {out.path: stage.id for stage in context.base.stages for out in stage.outs}
    for model in context.change.models:
        before = makers.get(model.renamed_from or model.path)
        if model.stage and before and model.stage not in (before, *moved):
            yield model.stage, before


def _base_moved_on(context: Context) -> Iterator[Finding]:
    """Tell of each file that the base branch no longer has as the merge base has it."""
    then, now = context.base_facts.configuration, context.trusted_facts.configuration
    for path in sorted(then.keys() | now.keys()):
        if then.get(path) != now.get(path):
            yield Finding(
                NAME,
                "info",
                path,
                f"{code(path)} is not the same at the merge base and at the tip of the base "
                f"branch: the tip, commit {code(context.trusted.commit[:7])}, counts",
                "Nothing to do: this change is judged by the configuration of the base branch.",
                path,
                1,
            )


def _no_longer_there(silence: Silence) -> Finding:
    return Finding(
        NAME,
        "info",
        f"{silence.file}:{silence.line}",
        "the base branch does not have this comment any more: it silences warnings only, no error",
        "Merge the base branch, or bring the comment back there.",
        silence.file,
        silence.line,
    )


RULE = Rule(
    NAME,
    "warning",
    "a change to the configuration of lineage-diff, or a new comment that silences a rule",
    "Whoever may change what counts as wrong should be seen doing so. The change itself is judged "
    "by the configuration at the tip of its base branch. A configuration behind a link counts as "
    "well, and so do the remotes in `.dvc/config` where `fetch` is on. A comment counts as new "
    "where the stage below it makes what another stage made before; so does a move to a path that "
    "the configuration silences or ignores: neither silences an error of the change itself.",
    "Review it as what it is: a change of the rules.",
    _check,
    Example(
        "`.github/lineage-diff.yml` turns `stale-model` off.",
        context(facts=RuleFacts(configuration={".github/lineage-diff.yml": "41c0" * 10})),
    ),
    Example("The configuration is as it was.", context()),
)
