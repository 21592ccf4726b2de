"""Write the model card and the skeleton of Annex IV: Markdown, and the same as HTML."""

from markdown_it import MarkdownIt

from lineage_diff.render.evidence.content import EvidenceContent
from lineage_diff.render.html.page import html_page
from lineage_diff.render.templates import render, without_gaps

PAGES = {
    "model-card": "evidence/model_card.md.j2",
    "annex-iv": "evidence/annex_iv.md.j2",
}
"""The templates by the names of the files, without their suffix."""


def evidence_pages(evidence: EvidenceContent) -> dict[str, bytes]:
    """Return the pages by the names of their files."""
    found: dict[str, bytes] = {}
    for name, template in PAGES.items():
        text = without_gaps(render(template, evidence=evidence))
        found[f"{name}.md"] = text.encode()
        found[f"{name}.html"] = _page(name, evidence, text).encode()
    return found


def _page(name: str, evidence: EvidenceContent, text: str) -> str:
    """Return Markdown of a template as a page. Its texts from the repository are escaped there."""
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    return html_page(
        "html/document.html.j2",
        style_sheet="html/document.css",
        page=name,
        evidence=evidence,
        content=parser.render(text),
    )
