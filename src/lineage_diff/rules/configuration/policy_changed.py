"""`policy-changed`: a change to the configuration, or a new ignore comment."""

from collections.abc import Callable, Iterator, Mapping

from lineage_diff.lineage.code_usage import IgnoreComment
from lineage_diff.lineage.paths import matcher
from lineage_diff.lineage.policy import Policy
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import context
from lineage_diff.rules.facts import RuleFacts
from lineage_diff.rules.moved import KnownComments, Moved, origins
from lineage_diff.rules.rule import Context, Example, Rule
from lineage_diff.rules.suppression import ShownNames
from lineage_diff.rules.wording import code, short_commit

NAME = "policy-changed"
_USUAL = (".github", ".github/lineage-diff.yml", ".github/lineage-diff.yaml")


def _check(context: Context) -> Iterator[Finding]:
    yield from _base_moved_on(context)
    yield from _configuration(context)
    yield from _fetch_settings(context)
    yield from _comments(context)
    yield from _moved_to_suppressed(context)


def _configuration(context: Context) -> Iterator[Finding]:
    old, new = context.base_facts.configuration, context.head_facts.configuration
    known = context.trusted_facts.configuration
    for name in sorted(old.keys() | new.keys()):
        if new.get(name) not in (old.get(name), known.get(name)):
            what = "adds" if name not in old else "removes" if name not in new else "changes"
            file = _first_difference(context, name)
            through = f", through {code(file)}" if file != name else ""
            yield Finding(
                NAME,
                "warning",
                name,
                f"this change {what} {code(name)}{through}, which configures the checks of changes"
                f"{_other_case(name)}",
                "Review it: it applies from the next change on, when it is in the base.",
                file,
                1,
            )


def _first_difference(context: Context, name: str) -> str:
    """Return the first file that differs under a name: a link on the way, or its target."""
    old = context.base_facts.configuration_at.get(name, {})
    new = context.head_facts.configuration_at.get(name, {})
    if not (old or new):
        return name
    before: Mapping[str, str | None] = old or {name: context.base_facts.configuration.get(name)}
    now: Mapping[str, str | None] = new or {name: context.head_facts.configuration.get(name)}
    return next((path for path in (*now, *before) if before.get(path) != now.get(path)), name)


def _other_case(name: str) -> str:
    usual = name.lower() in _USUAL and name not in _USUAL
    return " on a file system that ignores case" if usual else ""


def _fetch_settings(context: Context) -> Iterator[Finding]:
    """Report changed addresses of the storage that the checks of the next changes would use."""
    old, new = context.base_facts.fetch_settings, context.head_facts.fetch_settings
    known = context.trusted_facts.fetch_settings
    used = context.policy.fetch or context.policy.check
    for path in sorted(old.keys() | new.keys()) if used else ():
        if new.get(path) not in (old.get(path), known.get(path)):
            yield Finding(
                NAME,
                "warning",
                path,
                f"this change sets in {code(path)} from where data is fetched",
                "Review the addresses: when it is in the base, the next checks use the data there, "
                "and each reader sends its credentials there.",
                path,
                1,
            )


def _comments(context: Context) -> Iterator[Finding]:
    if not context.head_facts.ignore_comments:
        return
    moved = origins(context.change)
    head = context.head
    started = KnownComments(context.base, context.base_facts.ignore_comments, head, moved)
    trusted = KnownComments(context.trusted, context.trusted_facts.ignore_comments, head, moved)
    for comment in context.head_facts.ignore_comments:
        if not comment.reason or trusted.is_known(comment):
            continue
        if started.is_known(comment):
            yield _no_longer_there(comment)
        else:
            rules = ", ".join(code(rule) for rule in comment.rules)
            yield Finding(
                NAME,
                "warning",
                f"{comment.file}:{comment.line}",
                f"this change suppresses {rules} here: {comment.reason}",
                "Review it: until it is in the base it suppresses warnings only, no error.",
                comment.file,
                comment.line,
            )


def _moved_to_suppressed(context: Context) -> Iterator[Finding]:
    """Report moves to paths and stages that the configuration suppresses or ignores."""
    if not (context.policy.suppressions or context.policy.ignore):
        return
    moved = Moved(context.change, context.base.stages, context.head.stages)
    places = {stage.id: stage for stage in context.head.stages}
    tests = list(_tests(context.policy, ShownNames(moved.stages)))
    for new, old in sorted(_moves(context, moved)):
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


def _tests(policy: Policy, shown: ShownNames) -> Iterator[tuple[Callable[[str], bool], str]]:
    """Yield for each entry a function to test whether it covers a path or id, and what it does."""
    for entry in policy.suppressions:
        if entry.path:
            yield shown.matcher(entry.path), f"suppresses {code(entry.rule)}"
    for path in policy.ignore:
        yield matcher((path,)), "ignores all findings"


def _moves(context: Context, moved: Moved) -> set[tuple[str, str]]:
    """Return the new and old path or id of each move, also of stages that made its outputs."""
    stages = {
        (stage.id, old.id)
        for stage in context.head.stages
        for old in moved.predecessors(stage)
        if old.id != stage.id
    }
    return stages | set(origins(context.change).items())


def _base_moved_on(context: Context) -> Iterator[Finding]:
    """Report configuration files that differ between the merge base and the base branch's tip."""
    then, now = context.base_facts.configuration, context.trusted_facts.configuration
    for path in sorted(then.keys() | now.keys()):
        if then.get(path) != now.get(path):
            yield Finding(
                NAME,
                "info",
                path,
                f"{code(path)} differs at the merge base and at the tip of the base "
                f"branch: the tip, commit {short_commit(context.trusted.commit)}, applies",
                "Nothing to do: this change is checked with the configuration of the base branch.",
                path,
                1,
            )


def _no_longer_there(comment: IgnoreComment) -> Finding:
    return Finding(
        NAME,
        "info",
        f"{comment.file}:{comment.line}",
        "the base branch no longer has this comment: it suppresses warnings only, no error",
        "Merge the base branch, or restore the comment there.",
        comment.file,
        comment.line,
    )


RULE = Rule(
    name=NAME,
    severity="warning",
    summary=(
        "a change to the configuration of lineage-diff, or a new comment that suppresses a rule"
    ),
    why=(
        "A change to the checks must be visible in review. The change itself is checked with the "
        "configuration at the tip of its base branch. This includes a configuration behind a link,"
        " and the remotes in `.dvc/config` if `fetch` or `check` is on. A comment is new if the "
        "stage below it makes outputs that another stage made before. A move to a path that the "
        "configuration suppresses or ignores is reported, too. No new entry, comment or path "
        "suppresses an error of the change that adds it."
    ),
    hint="Review it as a change of the rules.",
    check=_check,
    fails=Example(
        "`.github/lineage-diff.yml` turns `stale-model` off.",
        context(facts=RuleFacts(configuration={".github/lineage-diff.yml": "41c0" * 10})),
    ),
    passes=Example("The configuration is unchanged.", context()),
    by_comment=False,
)
