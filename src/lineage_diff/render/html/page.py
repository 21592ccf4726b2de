"""An HTML page in one file, which loads nothing.

The page contains its style and script, and its Content-Security-Policy allows only these, by hash.
Nothing is fetched (https://www.w3.org/TR/CSP3/#grammardef-hash-source).
"""

from base64 import b64encode
from hashlib import sha256

from lineage_diff.render.graph.palette import PALETTES
from lineage_diff.render.templates import render


def html_page(
    template: str, *, images: bool = False, style_sheet: str | None = None, **values: object
) -> str:
    """Fill a template that extends `html/page.html.j2`; the same bytes for the same values.

    `style_sheet` is a template with more of the style. With `images` the page may contain images
    as `data:` URLs.
    """
    style = render("html/colours.css.j2", palettes=PALETTES) + render("html/report.css")
    if style_sheet is not None:
        style += render(style_sheet)
    script = render("html/report.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        f"{'img-src data:; ' if images else ''}base-uri 'none'; form-action 'none'"
    )
    return render(
        template,
        policy=policy,
        style=style,
        script=script,
        **values,
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
