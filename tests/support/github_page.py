"""A page that looks as a comment does on GitHub: its Markdown renderer, its colours, its width."""

from typing import Literal

from tests.support.markdown import to_html

Theme = Literal["light", "dark"]

_COLOURS = {
    "light": ("#ffffff", "#1f2328", "#d1d9e0", "#818b981f", "#f6f8fa", "#0969da"),
    "dark": ("#0d1117", "#f0f6fc", "#3d444d", "#656c7633", "#151b23", "#4493f8"),
}
_STYLE = """
body { background: %s; color: %s; width: 780px; margin: 16px;
  font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", sans-serif }
td, th { border: 1px solid %s; padding: 6px 13px }
code { background: %s; font: 85%%/1.4 "DejaVu Sans Mono", monospace; padding: .2em .4em;
  border-radius: 6px; white-space: break-spaces }
tr:nth-child(2n), pre { background: %s }
a { color: %s }
table { border-collapse: collapse; display: block; width: max-content; max-width: 100%%;
  overflow: auto; margin-bottom: 16px }
h3 { font-size: 1.25em; margin: 0 0 16px }
img { max-width: 100%% }
pre { padding: 12px; overflow: auto }
details { margin-bottom: 10px }
"""


def github_page(markdown: str, theme: Theme, *, head: str = "", unfold: bool = False) -> str:
    """Return a comment's Markdown as a page of HTML, with its details unfolded or not."""
    body = to_html(markdown)
    if unfold:
        body = body.replace("<details>", "<details open>")
    scheme = f'<meta name="color-scheme" content="{theme}">'
    style = _STYLE % _COLOURS[theme]
    return (
        f'<!doctype html><html><head><meta charset="utf-8">{scheme}<style>{style}</style>{head}'
        f"</head><body>{body}</body></html>"
    )
