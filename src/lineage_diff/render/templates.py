"""Render the templates, which hold the user-visible texts.

The suffix of a template's name selects the escaping of its values: `.md.j2` for GitHub Flavored
Markdown, `.rich.j2` for rich's console markup, `.html.j2` and `.svg.j2` for markup. Any other
template is plain text and escapes nothing.

Compiled templates lie beside their sources in `__pycache__`, as Python's modules do, and are
written under the same conditions. `python -m lineage_diff.render.templates` compiles all.
"""

import re
import sys
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from lineage_diff import __version__
from lineage_diff.render.humanize import PIPELINE, ROOT_PIPELINE

if TYPE_CHECKING:
    from jinja2 import BytecodeCache, Environment

_GAP = re.compile(r"\n{3,}")
PACKAGE = Path(__file__).resolve().parent.parent


def render(name: str, **values: object) -> str:
    """Fill the template of that name. A missing value is an error.

    The stages of a `summary` are named without their pipeline if there is no other.
    """
    template = _environment(_target(name)).get_template(name)
    pipeline = PIPELINE.set(getattr(values.get("summary"), "pipeline", ROOT_PIPELINE))
    try:
        return template.render(values)
    finally:
        PIPELINE.reset(pipeline)


def without_gaps(text: str) -> str:
    """Return the text with one empty line wherever several follow each other."""
    return _GAP.sub("\n\n", text)


def folder() -> Path:
    """Return the folder of the templates: in the package, or at the top of a checkout."""
    installed = PACKAGE / "templates"
    return installed if installed.is_dir() else PACKAGE.parent.parent / "templates"


def compile_all() -> None:
    """Compile each template for its target, and plain ones for those that may include them."""
    # Imported late: JSON output does not need Jinja.
    from jinja2 import TemplateAssertionError

    names = _environment("j2").list_templates(extensions=["j2"])
    for target in sorted({_target(name) for name in names}):
        included = {"j2"} if target in ("html.j2", "md.j2", "rich.j2") else set()
        for name in names:
            # A plain template whose filters the target lacks is not included by it.
            with suppress(TemplateAssertionError):
                if _target(name) in included | {target}:
                    _environment(target).get_template(name)


def _target(name: str) -> str:
    return name.rsplit("/", 1)[-1].partition(".")[2]


def _compiled(target: str) -> "BytecodeCache":
    # Imported late: JSON output does not need Jinja.
    from jinja2.bccache import Bucket, FileSystemBytecodeCache

    # Jinja runs filters of constants when it compiles, so the code that filters is a source, too.
    stats = [(str(path), path.stat()) for path in sorted((PACKAGE / "render").rglob("*.py"))]
    files = [(path, stat.st_size, int(stat.st_mtime)) for path, stat in stats]
    program = sha256(repr((__version__, files)).encode()).hexdigest()

    class Compiled(FileSystemBytecodeCache):
        def get_source_checksum(self, source: str) -> str:
            return program + super().get_source_checksum(source)

        def dump_bytecode(self, bucket: Bucket) -> None:
            if not sys.dont_write_bytecode:
                # Where nothing can be written, each run compiles again: slower, and no error.
                with suppress(OSError):
                    Path(self.directory).mkdir(exist_ok=True)
                    super().dump_bytecode(bucket)

    return Compiled(str(folder() / "__pycache__"), f"{target}.%s.cache")


@cache
def _environment(target: str) -> "Environment":
    # Imported late: JSON output does not need Jinja.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from lineage_diff.render import humanize, metrics_table
    from lineage_diff.render.groups import answers, causes, items, reasons

    # Targets not named here are plain text for a terminal or a DOT label, and need no escaping.
    environment = Environment(
        loader=FileSystemLoader(folder()),
        undefined=StrictUndefined,
        auto_reload=False,
        bytecode_cache=_compiled(target),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=target in ("html.j2", "svg.j2", "md.j2", "rich.j2"),  # noqa: S701
    )
    environment.filters.update(humanize.FILTERS)
    environment.filters.update(
        by_kind=causes.by_kind,
        cause_groups=causes.cause_groups,
        count_after=items.count_after,
        entries=answers.entries,
        history_groups=answers.history_groups,
        impact_groups=answers.impact_groups,
        note_of=metrics_table.note_of,
        own_parts=answers.own_parts,
        reason_groups=reasons.reason_groups,
        row_suppression=items.row_suppression,
        row_words=items.row_words,
        shared_parts=answers.shared_parts,
        step_groups=answers.step_groups,
        trace_groups=answers.trace_groups,
    )
    if target == "md.j2":
        # Imported late: each target needs its own escapes only.
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


if __name__ == "__main__":
    compile_all()
