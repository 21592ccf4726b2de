"""A process that answers one question: a line of JSON on each of standard input and output.

It reads commits only: nothing is fetched, and no server is asked.
"""

import gc
import math
import os
import signal
import sys
from contextlib import suppress
from typing import Any

import msgspec
from msgspec import Struct

from lineage_diff.app.audit.questions import history, impact, trace
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.app.result import SAME_COMMIT, Comparison
from lineage_diff.app.status import StatusRequest, status_of
from lineage_diff.child_processes import (
    count_work,
    end_children,
    end_with_parent,
    leave_on_sigterm,
)
from lineage_diff.cli.assistant.excerpt import excerpt
from lineage_diff.cli.assistant.questions import (
    AffectedQuestion,
    HistoryQuestion,
    ImpactQuestion,
    MetricsQuestion,
    Question,
    RulesQuestion,
    StatusQuestion,
    TraceQuestion,
    parse_question,
)
from lineage_diff.dvc.problems import as_error
from lineage_diff.errors import InputError, too_little_memory
from lineage_diff.history.reader import open_history
from lineage_diff.limits import ASSISTANT_BYTES
from lineage_diff.rules.registry import all_rules, rule_named
from lineage_diff.rules.rule import Rule

# Seconds that the server takes to end a process, at most.
_GRACE = 5
# Long, and for pictures: shown if asked for.
_FOLDED = frozenset(("/graph", "/drawings"))
_OF_METRICS = (
    "base",
    "head",
    "metrics",
    "metric_notes",
    "metric_causes",
    "metric_disagreements",
    "unknowns",
    "unreadable",
    "notes",
)


class ToolCall(Struct, frozen=True):
    """A call of a tool, and the repository that the server was started for.

    The server ends the process after `seconds`.
    """

    repo: str
    seconds: float
    tool: str
    arguments: dict[str, Any]


class ToolAnswer(Struct, frozen=True):
    """The answer as a JSON object, or the sentence of an error."""

    found: dict[str, Any] | None = None
    error: str | None = None


def main() -> None:
    """Answer the `ToolCall` on standard input with a `ToolAnswer`."""
    answers = os.fdopen(os.dup(1), "wb")
    # Keep any other output out of the answer.
    os.dup2(2, 1)
    leave_on_sigterm()
    end_with_parent(gently=True)
    count_work()
    # As for a command: a lineage is one large graph that lives until the end.
    gc.disable()
    call = msgspec.json.decode(sys.stdin.buffer.read(), type=ToolCall)
    _end_after(call.seconds)
    answers.write(msgspec.json.encode(_answer(call)))
    with suppress(BrokenPipeError):
        answers.flush()
    end_children()
    os._exit(0)


def _end_after(seconds: float) -> None:
    """Have the system end this process, should its server not be there to do it."""
    # Windows has no alarms.
    with suppress(AttributeError):
        signal.alarm(math.ceil(seconds) + _GRACE)


def _answer(call: ToolCall) -> ToolAnswer:
    try:
        question = parse_question(call.tool, call.arguments)
        found = answer_of(call.repo, question)
        return ToolAnswer(excerpt(found, question.part, question.offset, ASSISTANT_BYTES, _FOLDED))
    except InputError as error:
        return ToolAnswer(error=str(error))
    except MemoryError:
        return ToolAnswer(error=str(too_little_memory()))


def answer_of(repo: str, question: Question) -> dict[str, Any]:
    """Return the whole answer to a question as fields. Raises `InputError` as the command does."""
    match question:
        case AffectedQuestion():
            return _compare(repo, question)
        case MetricsQuestion():
            found = _compare(repo, question)
            return {name: found[name] for name in _OF_METRICS}
        case StatusQuestion():
            return _fields_of_comparison(status_of(StatusRequest(repo, question.rev or None)))
        case TraceQuestion():
            return _fields(trace(_audit(repo, question.rev), question.model))
        case HistoryQuestion():
            request = _audit(repo, question.rev)
            return _fields(history(request, question.subject, question.all))
        case ImpactQuestion():
            request = _audit(repo, question.rev)
            return _fields(impact(request, question.subject, question.since or None))
        case RulesQuestion():
            return _rules(question.name)
        case _:
            raise AssertionError(question)


def _compare(repo: str, question: AffectedQuestion | MetricsQuestion) -> dict[str, Any]:
    done = compare_revisions(
        Request(
            repo=repo,
            base=question.base or None,
            head=question.head or None,
            direct=question.direct,
            fetch=(),
            check=(),
        )
    )
    notes = [SAME_COMMIT] if done.same_commit and not question.base else []
    return {**_fields_of_comparison(done), "notes": notes}


def _audit(repo: str, rev: str) -> AuditRequest:
    request = AuditRequest(open_history(repo), rev or None)
    request.history.prefetch_history(request.revision)
    return request


def _fields_of_comparison(done: Comparison) -> dict[str, Any]:
    unreadable = [str(as_error(problem)) for problem in done.unreadable]
    return {**_fields(done.report), "unreadable": unreadable}


def _fields(report: Struct) -> dict[str, Any]:
    return {name: getattr(report, name) for name in report.__struct_fields__}


def _rules(name: str) -> dict[str, Any]:
    if not name:
        return {"rules": [_summary(rule) for rule in all_rules()]}
    rule = rule_named(name)
    return {
        **_summary(rule),
        "why": rule.why,
        "hint": rule.hint,
        "severities": rule.severities,
        "fails": rule.fails.text,
        "passes": rule.passes.text,
    }


def _summary(rule: Rule) -> dict[str, str]:
    return {"name": rule.name, "severity": rule.severity, "summary": rule.summary}


if __name__ == "__main__":
    main()
