"""Publish a check run with annotations, in addition to the job's own result.

https://docs.github.com/rest/checks/runs
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from lineage_diff.forge.github.client import GitHub
from lineage_diff.forge.github.create_once import create
from lineage_diff.forge.github.errors import RefusedError
from lineage_diff.forge.github.limits import CHECK_TEXT_LIMIT
from lineage_diff.forge.publication import Annotation, Check, Note, Published

PER_REQUEST = 50
MOST_ANNOTATIONS = 1_000
# In bytes; GitHub's limit is 64 KB.
_MESSAGE_LIMIT = 16_000
_TITLE_LIMIT = 255


def publish_check(github: GitHub, check: Check) -> Published:
    """Create a completed check run for this attempt of the run, and add its annotations.

    At most `MOST_ANNOTATIONS` are sent, 50 per request. Raises `ValueError` for a summary or text
    over `CHECK_TEXT_LIMIT`; a refusal by GitHub is a note.
    """
    if max(len(check.summary), len(check.text)) > CHECK_TEXT_LIMIT:
        raise ValueError("the summary or the text of the check run is too long")
    batches = _batches(check.annotations[:MOST_ANNOTATIONS])
    first: Sequence[Mapping[str, Any]] = next(batches, [])
    url = None
    try:
        made, notes = _create_in_any_case(github, check, first)
        url = made["html_url"]
        if notes:
            return Published("created", url, notes)
        sent = len(first)
        for batch in batches:
            _add(github, check, made["id"], batch, sent)
            sent += len(batch)
    except RefusedError as refused:
        note = Note("check", refused.why, refused.message)
        return Published("created" if url else "nothing", url, (note,))
    return Published("created", url)


def _create_in_any_case(
    github: GitHub, check: Check, annotations: Sequence[Any]
) -> tuple[Mapping[str, Any], tuple[Note, ...]]:
    """Create the check run; if GitHub refuses an annotation, without any, and with a note."""
    try:
        return _create(github, check, annotations), ()
    except RefusedError as refused:
        if refused.status != 422 or not annotations:
            raise
        return _create(github, check, []), (Note("check", refused.why, refused.message),)


def _create(github: GitHub, check: Check, annotations: Sequence[Any]) -> Mapping[str, Any]:
    body = {
        "name": check.name,
        "head_sha": check.head_commit,
        "external_id": _external_id(check),
        "status": "completed",
        "conclusion": check.conclusion,
        "output": _output(check, annotations),
    }
    if check.details_url is not None:
        body["details_url"] = check.details_url
    path = f"/repos/{check.repository}/check-runs"
    made: Mapping[str, Any] = create(
        github, lambda: github.ask_once("POST", path, body).body, lambda: _find(github, check)
    )
    return made


def _find(github: GitHub, check: Check) -> Mapping[str, Any] | None:
    path = f"/repos/{check.repository}/commits/{check.head_commit}/check-runs"
    for item in github.pages(path, "check_runs", check_name=check.name, filter="all"):
        if item["external_id"] == _external_id(check):
            found: Mapping[str, Any] = item
            return found
    return None


def _add(github: GitHub, check: Check, run: int, annotations: Sequence[Any], before: int) -> None:
    """Add annotations to a check run that has `before` of them, without duplicating any."""
    path = f"/repos/{check.repository}/check-runs/{run}"

    def there() -> bool | None:
        count = github.ask("GET", path).body["output"]["annotations_count"]
        return count > before or None

    def add() -> bool:
        github.ask_once("PATCH", path, {"output": _output(check, annotations)})
        return True

    create(github, add, there)


def _output(check: Check, annotations: Sequence[Any]) -> Mapping[str, Any]:
    output = {"title": check.title, "summary": check.summary, "annotations": annotations}
    return {**output, "text": check.text} if check.text else output


def _batches(annotations: Sequence[Annotation]) -> Iterator[list[Mapping[str, Any]]]:
    rows = map(_row, annotations)
    while batch := list(islice(rows, PER_REQUEST)):
        yield batch


def _row(annotation: Annotation) -> Mapping[str, Any]:
    return {
        "path": annotation.path,
        "start_line": annotation.line,
        "end_line": annotation.line,
        "annotation_level": annotation.level,
        "title": annotation.title[:_TITLE_LIMIT],
        "message": annotation.message[:_MESSAGE_LIMIT],
    }


def _external_id(check: Check) -> str:
    return f"lineage-diff/{check.run.id}/{check.run.attempt}"
