"""Read the inputs of `action.yml` from the environment of the container.

The runner passes the input `fail_on` as `INPUT_FAIL_ON`:
https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#inputs
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

from lineage_diff.catalog.formats import EXPORT_FORMATS
from lineage_diff.errors import InputError
from lineage_diff.forge.github.marker import ID
from lineage_diff.forge.publication import CommentWhen
from lineage_diff.lineage.policy import Fetched
from lineage_diff.text import closest_matches

GraphAs = Literal["auto", "image", "mermaid", "none"]
IssueWhen = Literal["never", "stale"]
FailOn = Literal["error", "warning", "never"]

DEFAULT_ID = "lineage-diff"
DEFAULT_FOLDER = "lineage-diff-report"
CHOICES: Mapping[str, tuple[str, ...]] = {
    "comment": get_args(CommentWhen),
    "check": ("true", "false"),
    "graph": get_args(GraphAs),
    "fail_on": get_args(FailOn),
    "issue": get_args(IssueWhen),
}
NO_FETCH = "nothing"
DEFAULTS: Mapping[str, str] = {
    "github_token": "",
    "base": "",
    "head": "",
    "config": "",
    "id": DEFAULT_ID,
    "comment": "changes",
    "check": "true",
    "graph": "auto",
    "fail_on": "error",
    "fetch": "",
    "output_dir": "",
    "working_directory": ".",
    "report": "",
    "model": "",
    "data": "",
    "since": "",
    "gate": "",
    "stage": "",
    "export": "",
    "issue": "never",
    "extends_from": "",
}


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of a step; `None` for an input without a value."""

    github_token: str | None = field(repr=False)
    base: str | None
    head: str | None
    config: str | None
    id: str
    comment: CommentWhen
    check: bool
    graph: GraphAs
    fail_on: FailOn
    fetch: tuple[Fetched, ...] | None
    output_dir: str
    working_directory: str
    report: str | None
    model: tuple[str, ...]
    data: str | None
    since: str | None
    gate: str | None
    stage: str | None
    export: tuple[str, ...]
    issue: IssueWhen
    extends_from: str | None


def read_inputs(environment: Mapping[str, str]) -> Inputs:
    """Return the inputs, with defaults for empty ones. Raises `InputError` for invalid ones."""
    given = {
        name: environment.get(f"INPUT_{name.upper()}", "").strip() or default
        for name, default in DEFAULTS.items()
    }
    for name, allowed in CHOICES.items():
        given[name] = _choice(name, given[name], allowed)
    if not ID.fullmatch(given["id"]):
        raise InputError(
            f"input `id` is {given['id'][:80]!r}",
            hint="Use letters, digits, `.`, `_` and `-`, at most 64, a letter first.",
        )
    folder = DEFAULT_FOLDER if given["id"] == DEFAULT_ID else f"{DEFAULT_FOLDER}-{given['id']}"
    return Inputs(
        github_token=given["github_token"] or None,
        base=given["base"] or None,
        head=given["head"] or None,
        config=given["config"] or None,
        id=given["id"],
        comment=cast("CommentWhen", given["comment"]),
        check=given["check"] == "true",
        graph=cast("GraphAs", given["graph"]),
        fail_on=cast("FailOn", given["fail_on"]),
        fetch=_fetched(given["fetch"]),
        output_dir=given["output_dir"] or folder,
        working_directory=given["working_directory"],
        report=given["report"] or None,
        model=tuple(name.strip() for name in given["model"].splitlines() if name.strip()),
        data=given["data"] or None,
        since=given["since"] or None,
        gate=given["gate"] or None,
        stage=given["stage"] or None,
        export=_exported(given["export"]),
        issue=cast("IssueWhen", given["issue"]),
        extends_from=given["extends_from"] or None,
    )


def _exported(value: str) -> tuple[str, ...]:
    """Return the formats of an export, one a line."""
    names = (name.strip() for name in value.splitlines())
    return tuple(
        dict.fromkeys(_choice("export", name, tuple(EXPORT_FORMATS)) for name in names if name)
    )


def _fetched(value: str) -> tuple[Fetched, ...] | None:
    """Return what to fetch: `None` for what the configuration names, empty for nothing."""
    names = dict.fromkeys(name.strip().lower() for name in value.split(",") if name.strip())
    if not names:
        return None
    if list(names) == [NO_FETCH]:
        return ()
    allowed = (*get_args(Fetched), NO_FETCH)
    for name in names:
        _choice("fetch", name, allowed)
    if NO_FETCH in names:
        raise InputError(
            f"input `fetch` is {value[:80]!r}", hint=f"Use `{NO_FETCH}` without other values."
        )
    return tuple(cast("Fetched", name) for name in names)


def _choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    chosen = value.lower()
    if chosen in allowed:
        return chosen
    near = closest_matches(chosen, allowed)
    meant = f"Did you mean `{near[0]}`? It" if near else "It"
    raise InputError(
        f"input `{name}` is {value[:80]!r}",
        hint=f"{meant} can be {', '.join(f'`{item}`' for item in allowed)}.",
    )
