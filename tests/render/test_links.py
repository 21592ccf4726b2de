"""Links to rules, commits, files and lines: of the server at hand, and of nobody's choice."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from msgspec.structs import replace

from lineage_diff import __version__
from lineage_diff.render.escape.markdown import with_references
from lineage_diff.render.html.report import report_html
from lineage_diff.render.links import Links, links_of, rule_page
from lineage_diff.render.markdown import markdown
from lineage_diff.report.findings import Finding
from lineage_diff.report.report import Report, Repository, Revision
from lineage_diff.rules.registry import all_rules
from tests.support import reports
from tests.support.reports import COMMIT, HEAD

HOME = Repository("octo/models", "https://github.com")
GHES = Repository("octo/models", "https://git.example.com:8443")
RUN = "https://github.com/octo/models/actions/runs/1"


def _of(repository: Repository, **values: Any) -> Report:
    return replace(reports.stale(), repository=repository, drawings=(), **values)


def _found(file: str | None, line: int | None = 3, subject: str = "x") -> Report:
    finding = Finding("stale-model", "error", subject, "why", "how", file, line)
    return _of(HOME, findings=(finding,))


@pytest.mark.parametrize("repository", [HOME, GHES])
def test_commits_files_and_lines_lead_to_the_server_at_hand(repository: Repository) -> None:
    base = f"{repository.server}/octo/models"
    text = markdown(_of(repository), run_url=RUN)
    assert "edited in [`3f2c1aa`]" in text
    assert f"\n[`3f2c1aa`]: {base}/commit/{COMMIT}\n" in text
    assert f"[`dvc.yaml:9`]({base}/blob/{HEAD.commit}/dvc.yaml#L9)" in text
    assert f"[full report]({RUN})" in text
    page = report_html(_of(repository))
    assert f'<a href="{base}/commit/{COMMIT}" rel="noopener noreferrer">' in page
    assert f'href="{base}/blob/{HEAD.commit}/dvc.yaml#L9"' in page


def test_a_commit_in_the_message_of_a_finding_is_a_link() -> None:
    finding = Finding("stale-model", "error", "x", "in commit `3f2c1aa`, not `1234567`", "")
    text = markdown(_of(HOME, findings=(finding,)))
    assert "in commit [`3f2c1aa`], not `1234567`" in text


def test_without_a_server_only_rules_and_the_help_are_links() -> None:
    text = markdown(_of(Repository("octo/models")))
    assert "edited in `3f2c1aa`" in text
    addresses = re.findall(r"https?://\S+?(?=[)\s]|$)", text)
    project = "https://github.com/lineage-diff/lineage-diff"
    assert addresses
    assert all(one.startswith(f"{project}/blob/v{__version__}/") for one in addresses)


def test_each_rule_has_a_page() -> None:
    for rule in all_rules():
        path = rule_page(rule.name).partition(f"/v{__version__}/")[2]
        assert path == f"docs/rules/{rule.name}.md"


@pytest.mark.parametrize("rule", ["", "A", "../x", "a b", "a)", "javascript:x", "a--b", "ä"])
def test_a_name_that_is_no_rule_s_has_none(rule: str) -> None:
    assert rule_page(rule) == ""


@pytest.mark.parametrize(
    ("file", "line", "path", "anchor"),
    [
        ("a b/ü.yaml", 3, "a b/ü.yaml", "L3"),
        ("x)[y](z).yaml", 3, "x)[y](z).yaml", "L3"),
        ("q?x#y%2F.yaml", 3, "q?x#y%2F.yaml", "L3"),
        ("a|b`c`.yaml", 3, "a|b`c`.yaml", "L3"),
        ("<img src=x>\n\u202e", None, "<img src=x>\n\u202e", ""),
        ("javascript:alert(1)", 1, "javascript:alert(1)", "L1"),
        ("../../../../evil/x", 1, None, ""),
    ],
)
def test_a_path_is_encoded(file: str, line: int | None, path: str | None, anchor: str) -> None:
    text = markdown(_found(file, line))
    links = [one for one in re.findall(r"\]\((https\S+)\)", text) if "/blob/d4e5" in one]
    if path is None:
        assert links == []
        return
    (url,) = links
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.query) == ("https", "github.com", "")
    assert unquote(parts.path) == f"/octo/models/blob/{HEAD.commit}/{path}"
    assert parts.fragment == anchor
    assert url in report_html(_found(file, line))


def test_a_page_of_markdown_is_shown_with_lines() -> None:
    assert "/README.md?plain=1#L3)" in markdown(_found("README.md"))


@pytest.mark.parametrize(
    "repository",
    [
        Repository("octo/models", "javascript://github.com"),
        Repository("octo/models", "https://github.com/evil"),
        Repository("octo/models", "https://user:secret@github.com"),
        Repository("octo/models", "https://github.com\n"),
        Repository("octo/models", "https://github.com) ["),
        Repository("octo/models/../..", "https://github.com"),
        Repository("octo/mod els", "https://github.com"),
        Repository("../..", "https://github.com"),
        Repository("octo", "https://github.com"),
        Repository(None, "https://github.com"),
        Repository("octo/models", ""),
    ],
)
def test_a_server_or_name_of_another_form_is_none(repository: Repository) -> None:
    assert links_of(_of(repository)).base == ""


@pytest.mark.parametrize("commit", ["main", "", "a" * 39, "../../x", "g" * 40, "a" * 40 + "\n"])
def test_what_is_no_commit_has_no_link(commit: str) -> None:
    report = _of(HOME, head=Revision("x", commit))
    links = links_of(report)
    assert links.commit(commit) == ""
    assert links.line("dvc.yaml", 1) == ""
    assert f"/{commit}/dvc.yaml" not in markdown(report) or not commit


def test_names_whose_address_does_not_fit_are_no_links() -> None:
    links = Links(used={"`a`": "https://x.org/1", "`b`": "https://x.org/2", "`c`": "https://x.org"})
    text = "[`a`] and [`b`]\n"
    assert with_references(text, links, 1_000) == (
        "[`a`] and [`b`]\n\n[`a`]: https://x.org/1\n[`b`]: https://x.org/2\n"
    )
    assert with_references(text, links, 45) == "[`a`] and `b`\n\n[`a`]: https://x.org/1\n"
    assert with_references(text, links, 10) == "`a` and `b`\n"


def test_links_cost_little_above_the_folds() -> None:
    with_links = markdown(_of(HOME)).partition("<details>")[0]
    without = markdown(_of(Repository(None))).partition("<details>")[0]
    assert len(with_links) - len(without) <= 20


@pytest.mark.parametrize("limit", [65_536, 12_000, 4_000, 2_500])
def test_a_comment_with_links_fits(limit: int) -> None:
    report = replace(reports.hostile(), repository=HOME)
    assert len(markdown(report, limit=limit, run_url=RUN)) <= limit


def test_every_reference_of_a_comment_is_defined() -> None:
    text = markdown(_of(HOME), run_url=RUN)
    defined = set(re.findall(r"^\[(`[^`]+`)\]: ", text, re.MULTILINE))
    assert set(re.findall(r"\[(`[^`]+`)\](?![(:])", text)) == defined
