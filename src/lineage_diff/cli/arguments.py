"""The arguments and the words that several commands share, each declared once."""

import argparse
import os

from lineage_diff.render.formats import Kind, format_names, formats_by_suffix

FETCHED = ("metrics", "plots", "listings")

VERDICT_CODES = "exit codes: 0 pass, 1 the verdict fails, 2 usage or unreadable input"
ANSWER_CODES = "exit codes: 0 answered, 2 usage, unreadable input, or nothing of that name"
MODEL = (
    "path of a model, its name in the registry (churn), or a version of it "
    "(churn@v1.2.0, churn@latest, churn#prod; models:/churn/3 of MLflow's)"
)
_COMMIT = "the commit (default: the one checked out)"


def add_commit(parser: argparse.ArgumentParser) -> None:
    """Add `REV`, the commit to look at."""
    parser.add_argument("rev", metavar="REV", nargs="?", help=_COMMIT)


def add_rev(parser: argparse.ArgumentParser) -> None:
    """Add `--rev`, the commit to look at, to a command that is about something in it."""
    parser.add_argument("--rev", metavar="REV", help=_COMMIT)


def add_repo(parser: argparse.ArgumentParser) -> None:
    """Add `--repo`."""
    parser.add_argument(
        "--repo", metavar="DIR", default=".", help="the Git repository (default: this folder)"
    )


def add_config(parser: argparse.ArgumentParser, place: str = "the commit") -> None:
    """Add `--config`; `place` is where the configuration is read from."""
    parser.add_argument(
        "--config",
        metavar="FILE",
        help=f"the configuration's path in {place} (default: .github/lineage-diff.yml)",
    )


def add_fetch(parser: argparse.ArgumentParser, default: str) -> None:
    """Add `--fetch`; `default` describes what holds without it."""
    parser.add_argument(
        "--fetch",
        metavar="WHAT",
        type=_fetched,
        help=(
            f"comma-separated list of {', '.join(FETCHED)} (or `nothing`): small DVC-tracked "
            f"files to read from the cache or remote (default: {default})"
        ),
    )


def _fetched(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(text.split(",")))
    if names == ("nothing",):
        return ()
    for name in names:
        if name not in FETCHED:
            known = ", ".join(FETCHED)
            raise argparse.ArgumentTypeError(f"{name!r} is none of {known}, nothing")
    return names


def add_output(parser: argparse.ArgumentParser, kind: Kind = "report") -> None:
    """Add the formats that a report of this kind can be shown in, where it goes and its looks."""
    formats = format_names(kind)
    group = parser.add_argument_group("output")
    group.add_argument(
        "--format",
        action=_Output,
        const="format",
        dest="outputs",
        choices=formats,
        metavar="FORMAT",
        help=f"{', '.join(formats[:-1])} or {formats[-1]} (default: terminal); may be repeated",
    )
    group.add_argument(
        "-o",
        "--output",
        action=_Output,
        const="file",
        dest="outputs",
        metavar="FILE",
        help="write the preceding --format to FILE (default: standard output)",
    )
    group.add_argument(
        "--theme",
        choices=("light", "dark"),
        default="light",
        help="theme of images (default: light)",
    )
    group.add_argument(
        "--pictures",
        nargs=2,
        metavar=("LIGHT", "DARK"),
        help="addresses of the graph's pictures, for Markdown (default: the graph as Mermaid)",
    )
    group.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="color the terminal output (default: auto)",
    )
    parser.set_defaults(outputs=None, kind=kind)


class _Output(argparse.Action):
    """Pairs each `--format` with the `-o` that follows it."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        outputs: list[tuple[str | None, str | None]] = list(namespace.outputs or [])
        value = str(values)
        if self.const == "format":
            outputs.append((value, None))
        elif outputs and outputs[-1][1] is None:
            outputs[-1] = (outputs[-1][0], value)
        else:
            offered = formats_by_suffix(namespace.kind)
            suffix = os.path.splitext(value)[1].lower()
            if suffix not in offered:
                known = ", ".join(sorted(offered))
                parser.error(
                    f"cannot tell the format of {value!r} from its name: "
                    f"put --format before -o, or end the name in one of {known}"
                )
            outputs.append((offered[suffix], value))
        namespace.outputs = outputs


def add_question(parser: argparse.ArgumentParser) -> None:
    """Add where a question to the history is asked, and how the answer is shown."""
    add_rev(parser)
    add_repo(parser)
    add_config(parser)
    add_output(parser, "audit")
