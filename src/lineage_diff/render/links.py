"""Links to the pages of rules, and to commits, files and lines on the report's server.

A link's address is made of the server, the repository's name and commit ids, each of a fixed form,
and of paths in percent encoding. The macros of the templates have no values in common, so the links
of the report that is rendered are in a context variable.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final
from urllib.parse import quote

from msgspec import Struct, field

from lineage_diff.project import ADDRESS, TAG
from lineage_diff.report.report import Report
from lineage_diff.text import shorten

_SERVER: Final = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+", re.ASCII)
_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)
_RULE: Final = re.compile(r"[a-z]+(?:-[a-z]+)*", re.ASCII)
_UP: Final = frozenset(("", ".", ".."))
_SHORT = 7
_PATH_SHOWN = 200


def page(path: str) -> str:
    """Return the address of a page of the documentation, of the version that runs."""
    return f"{ADDRESS}/blob/{TAG}/{path}"


def rule_page(rule: str) -> str:
    """Return the address of a rule's page; empty for a name that no rule has."""
    return page(f"docs/rules/{rule}.md") if _RULE.fullmatch(rule) else ""


class Links(Struct, frozen=True):
    """The links of one report. `base` is the repository's address, empty if it is unknown.

    `commits` are the known commits by their short ids; `used` collects what the text refers to,
    `None` for a text that refers to nothing.
    """

    base: str = ""
    head: str = ""
    commits: Mapping[str, str] = field(default_factory=dict)
    used: dict[str, str] | None = None

    def commit(self, commit: str) -> str:
        """Return the address of a commit, by its full or short id; empty if it is unknown."""
        full = self.commits.get(commit, commit)
        return f"{self.base}/commit/{full}" if self.base and _COMMIT.fullmatch(full) else ""

    def line(self, file: str, line: int | None) -> str:
        """Return the address of a line of a file of the head; empty if it is unknown."""
        if not self.base or not _COMMIT.fullmatch(self.head):
            return ""
        # A browser follows `..` out of the repository.
        if not _UP.isdisjoint(file.split("/")):
            return ""
        # GitHub shows Markdown as a page, which has no lines.
        plain = "?plain=1" if file.lower().endswith((".md", ".ipynb")) else ""
        at = f"{plain}#L{line}" if line is not None else ""
        return f"{self.base}/blob/{self.head}/{quote(file, errors='replace')}{at}"


_NONE: Final = Links()
_current: ContextVar[Links] = ContextVar("links", default=_NONE)


def current() -> Links:
    """Return the links of the report that is rendered."""
    return _current.get()


@contextmanager
def linking(report: Report) -> Iterator[Links]:
    """Render with the links of a report, and return them."""
    links = links_of(report)
    token = _current.set(links)
    try:
        yield links
    finally:
        _current.reset(token)


def links_of(report: Report) -> Links:
    """Return the links of a report: without a known server, those to rules alone."""
    server, name = report.repository.server, report.repository.name
    known = (
        server
        and name
        and _SERVER.fullmatch(server)
        and _NAME.fullmatch(name)
        and _UP.isdisjoint(name.split("/"))
    )
    return Links(
        f"{server}/{name}" if known else "",
        report.head.commit,
        {commit[:_SHORT]: commit for commit in sorted(_commits(report))} if known else {},
        {},
    )


def _commits(report: Report) -> Iterator[str]:
    yield from (report.base.commit, report.head.commit)
    for model in report.models:
        yield from (commit for cause in model.causes for commit in cause.commits)
    for move in report.metric_causes:
        yield from (commit for cause in move.causes for commit in cause.commits)
    for stage in report.stages:
        yield from (reason.commit for reason in stage.reasons if reason.commit)
    yield from (run.commit for run in report.runs)


def where(file: str | None, line: int | None, name: str) -> tuple[str, str]:
    """Return the text of a place, the `name` without a file, and its address, empty if unknown."""
    if not file:
        return shorten(name, _PATH_SHOWN), ""
    text = shorten(file, _PATH_SHOWN)
    return text if line is None else f"{text}:{line}", current().line(file, line)
