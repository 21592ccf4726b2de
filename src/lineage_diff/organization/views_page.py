"""The section on views in docs/organization.md, from the views themselves."""

from lineage_diff.organization.views import ANSWERS, View

BEGIN = "<!-- views -->"
END = "<!-- /views -->"


def views_section() -> str:
    """Return the Markdown of the views that answer questions, between its two marks."""
    return "\n\n".join((BEGIN, *map(_section, ANSWERS), END))


def _section(view: View) -> str:
    return f"**`{view.name}`**: {view.about}\n\n```sql\n{view.statement}\n```"
