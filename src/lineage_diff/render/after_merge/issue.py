"""The issue on what a branch leaves stale: its title, and its text in Markdown."""

from lineage_diff.render.escape.markdown import with_references
from lineage_diff.render.links import Links, linking, page
from lineage_diff.render.summary import summary_of
from lineage_diff.render.templates import render, without_gaps
from lineage_diff.report.after_merge.stale_branch import StaleBranch

# Rows of each list, the most that fit.
_SIZES = (50, 20, 8, 3, 0)
# In characters: GitHub's limit for a title is 256.
_TITLE = 200


def issue_title(branch: StaleBranch, id: str) -> str:  # noqa: A002  # the input's own name
    """Return the title, plain text without a name of the repository. `id` is that of the issue."""
    return " ".join(render("issue/title.j2", branch=branch, id=id).split())[:_TITLE]


def issue_text(branch: StaleBranch, name: str, run_url: str, limit: int) -> str:
    """Return the text in at most `limit` characters. `name` is the branch's.

    Raises `ValueError` if even its shortest form is longer.
    """
    for most in _SIZES:
        with linking(branch.report) as links:
            text = _text(branch, name, run_url, most, links)
        if len(text) <= limit:
            return with_references(text, links, limit)
    raise ValueError("the text of the issue is too long")


def _text(branch: StaleBranch, name: str, run_url: str, most: int, links: Links) -> str:
    text = render(
        "issue/text.md.j2",
        branch=branch,
        report=branch.report,
        summary=summary_of(branch.report),
        owners={card.path: card for card in branch.report.cards},
        base=links.base,
        branch_name=name,
        run_url=run_url,
        help_url=page("docs/after-merge.md"),
        most=most,
    )
    return without_gaps(text).strip("\n") + "\n"
