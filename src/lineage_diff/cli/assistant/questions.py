"""The questions that an assistant may ask: a tool for each, with its arguments.

The docstring of a question is the description of its tool, and its fields are the input schema.
"""

from collections.abc import Mapping
from inspect import cleandoc
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from lineage_diff.errors import InputError
from lineage_diff.limits import ARGUMENT_CHARACTERS
from lineage_diff.mlflow.references import is_model_reference
from lineage_diff.text import closest_matches

_REV = "commit, branch, tag, experiment or version of a model (churn@v1.2.0, churn#prod)"
_MODEL = "path of a model, its name in the registry (churn), or a version of it (churn@v1.2.0)"
_CHECKED_OUT = "default: the commit checked out"

Base = Annotated[str, Meta(description=f"{_REV}; default: the default branch")]
Head = Annotated[str, Meta(description=f"{_REV}; {_CHECKED_OUT}")]
Rev = Annotated[str, Meta(description=f"{_REV} to search; {_CHECKED_OUT}")]
Direct = Annotated[bool, Meta(description="compare with `base` itself, not with the merge base")]


class Question(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question: all can be asked for one part of the answer."""

    part: Annotated[
        str,
        Meta(
            description="part of the answer to read, as `left_out` names it, such as /stages or "
            "/models/3/causes (a JSON Pointer; default: the whole answer)"
        ),
    ] = ""
    offset: Annotated[
        int, Meta(ge=0, description="first item of the part to read, as `next_offset` names it")
    ] = 0


class AffectedQuestion(Question, frozen=True, kw_only=True):
    """Compare two commits: which models a change affects, why, and which are stale.

    Also the findings with their hints, and the changes of data, params, metrics and stages.
    """

    base: Base = ""
    head: Head = ""
    direct: Direct = False


class StatusQuestion(Question, frozen=True, kw_only=True):
    """Report whether each model and stage of a commit is fresh, stale or unknown, and why.

    Also the `dvc repro` that fixes it.
    """

    rev: Head = ""


class TraceQuestion(Question, frozen=True, kw_only=True):
    """Show the run, code, data and params that a model was made from, each with its commit."""

    model: Annotated[str, Meta(description=_MODEL)]
    rev: Rev = ""


class HistoryQuestion(Question, frozen=True, kw_only=True):
    """List the versions of a model, or the values of a metric, newest first, with their causes."""

    subject: Annotated[str, Meta(description=f"{_MODEL}; or a metric as KEY or FILE:KEY")]
    rev: Rev = ""
    all: Annotated[bool, Meta(description="include branches and commits before their merge")] = (
        False
    )


class ImpactQuestion(Question, frozen=True, kw_only=True):
    """List the models, past and present, that were made from some data or code."""

    subject: Annotated[
        str,
        Meta(description="path that a stage uses, hash or its first digits, or REV:PATH"),
    ]
    rev: Rev = ""
    since: Annotated[
        str,
        Meta(description="report whether each model was made again after this commit; optional"),
    ] = ""


class MetricsQuestion(Question, frozen=True, kw_only=True):
    """Compare the metrics of two commits: old and new value, noise, direction and causes."""

    base: Base = ""
    head: Head = ""
    direct: Direct = False


class RulesQuestion(Question, frozen=True, kw_only=True):
    """List the rules that findings name, or explain one: why it matters and how to fix it."""

    name: Annotated[str, Meta(description="the rule to explain; default: list all")] = ""


TOOLS: Final[Mapping[str, type[Question]]] = {
    "affected": AffectedQuestion,
    "status": StatusQuestion,
    "trace": TraceQuestion,
    "history": HistoryQuestion,
    "impact": ImpactQuestion,
    "metrics": MetricsQuestion,
    "rules": RulesQuestion,
}


def description(tool: str) -> str:
    """Return the description of a tool in one line."""
    return " ".join(cleandoc(TOOLS[tool].__doc__ or "").split())


def input_schema(tool: str) -> dict[str, Any]:
    """Return the JSON Schema of a tool's arguments."""
    kind = TOOLS[tool]
    schema: dict[str, Any] = msgspec.json.schema(kind)["$defs"][kind.__name__]
    return {key: value for key, value in schema.items() if key not in ("title", "description")}


def parse_question(tool: str, arguments: Any) -> Question:
    """Return the question that a client asks.

    Raises `InputError` for an unknown tool or argument, for an argument like an option, and for
    one that names an MLflow server's version.
    """
    if tool not in TOOLS:
        near = closest_matches(tool, TOOLS) or sorted(TOOLS)
        raise InputError(f"there is no tool {tool!r}", hint=f"There is: {', '.join(near)}.")
    try:
        question = msgspec.convert(arguments, TOOLS[tool])
    except msgspec.ValidationError as error:
        raise InputError(
            f"{tool}: {error}", hint="The input schema of the tool lists its arguments."
        ) from error
    for name in question.__struct_fields__:
        _check_text(name, getattr(question, name))
    return question


def _check_text(name: str, value: Any) -> None:
    if not isinstance(value, str):
        return
    if len(value) > ARGUMENT_CHARACTERS:
        raise InputError(
            f"{name} holds {len(value):,} characters, over the limit of {ARGUMENT_CHARACTERS:,}",
            hint="Name a revision, path, hash or metric of the repository.",
        )
    if value.startswith("-"):
        raise InputError(
            f"{name} begins with `-`, like an option: {value!r}",
            hint="Name a revision, path, hash or metric of the repository.",
        )
    if is_model_reference(value):
        raise InputError(
            f"{value} is known to an MLflow server, and no question uses the network",
            hint="Name the model by its path, and `rev`.",
        )
