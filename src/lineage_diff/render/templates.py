"""The templates: every word that a person reads.

What a template prints is escaped for its target, named by the end of its name: `.md.j2` is
GitHub Flavored Markdown, `.rich.j2` rich's console markup, `.html.j2` and `.svg.j2` are markup;
any other is plain text and escapes nothing.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

PACKAGE = Path(__file__).resolve().parent.parent


def render(name: str, **values: object) -> str:
    """Fill the template of that name. A value that it needs and does not get is an error."""
    return _environment(name.rsplit("/", 1)[-1].partition(".")[2]).get_template(name).render(values)


def folder() -> Path:
    """Return the folder of the templates: in the package, or at the top of a checkout."""
    installed = PACKAGE / "templates"
    return installed if installed.is_dir() else PACKAGE.parent.parent / "templates"


@cache
def _environment(target: str) -> "Environment":
    # Saves Jinja for what is written as JSON.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from lineage_diff.render import humanize

    # Plain text for a terminal or a DOT label, not HTML: what is not named here needs no escape.
    environment = Environment(
        loader=FileSystemLoader(folder()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=target in ("html.j2", "svg.j2", "md.j2", "rich.j2"),  # noqa: S701
    )
    environment.filters.update(humanize.FILTERS)
    if target == "md.j2":
        # Saves the escapes of the other targets.
        from lineage_diff.render.escape import markdown as markdown_escape

        environment.finalize = markdown_escape.inert
        environment.filters.update(markdown_escape.FILTERS)
    elif target == "rich.j2":
        # As above.
        from lineage_diff.render.escape import console as console_escape

        environment.finalize = console_escape.inert
        environment.filters.update(console_escape.FILTERS)
    elif target == "html.j2":
        # As above.
        from lineage_diff.render.escape import html as html_escape

        environment.finalize = html_escape.inert
        environment.filters.update(html_escape.FILTERS)
    return environment
