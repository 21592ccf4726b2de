"""Marked-up text, laid out for a terminal or the log of a CI job."""

import io

LEAST_WIDTH = 40


def console_text(markup: str, *, color: bool, width: int) -> str:
    """Return rich's console markup in lines of at most `width` columns, with ANSI codes or not.

    What does not fit in a line goes on below, further in.
    """
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    width = max(width, LEAST_WIDTH)
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    for line in markup.rstrip("\n").split("\n"):
        words = line.lstrip(" ")
        if not words:
            out.write("\n")
            continue
        indent = len(line) - len(words)
        text = Text.from_markup(words, emoji=False)
        first, *rest = text.wrap(console, width - indent) or [Text()]
        console.print(Padding(first, (0, 0, 0, indent), expand=False), soft_wrap=False)
        if rest:
            again = Text(" ").join(rest)
            console.print(Padding(again, (0, 0, 0, min(indent + 4, width // 2)), expand=False))
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))
