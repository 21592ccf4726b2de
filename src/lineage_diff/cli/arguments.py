"""Arguments and help texts that several commands share, each declared once."""

import argparse
import os

from lineage_diff.render.formats import FORMATS, Kind, format_names, formats_by_suffix, options_of

FETCHED = ("metrics", "plots", "listings")
CHECKED = ("pushed",)

VERDICT_CODES = "exit codes: 0 pass, 1 fail, 2 usage error or unreadable input"
ANSWER_CODES = "exit codes: 0 found, 2 usage error, unreadable input or unknown name"
WRITTEN_CODES = "exit codes: 0 written, 2 usage error, unreadable input or unknown name"
MODEL = (
    "path of a model, its name in the registry (churn), or a version of it "
    "(churn@v1.2.0, churn@latest, churn#prod; in MLflow models:/churn/3)"
)
THEMES = ("light", "dark")
_COMMIT = "commit, branch, tag, experiment or version of a model (default: the commit checked out)"


def help_epilog(codes: str, *examples: str) -> str:
    """Return the end of a command's help: examples, one a line, and its exit codes."""
    return "\n".join(("examples:", *(f"  {example}" for example in examples), "", codes))


def repository_path(text: str, *, windows: bool = os.name == "nt") -> str:
    r"""Return a path as the repository has it: with `/`, also where Windows wrote `\`."""
    return text.replace("\\", "/") if windows else text


def add_commit(parser: argparse.ArgumentParser) -> None:
    """Add `REV`, the commit to check."""
    parser.add_argument("rev", metavar="REV", nargs="?", help=_COMMIT)


def add_rev(parser: argparse.ArgumentParser) -> None:
    """Add `--rev`, the commit to search, to a command whose argument is something else."""
    parser.add_argument("--rev", metavar="REV", help=_COMMIT)


def add_repo(parser: argparse.ArgumentParser) -> None:
    """Add `--repo`."""
    parser.add_argument(
        "--repo",
        metavar="DIR",
        default=".",
        help="the Git repository (default: the current folder)",
    )


def add_config(parser: argparse.ArgumentParser, place: str = "the commit") -> None:
    """Add `--config`; `place` names where the configuration is read from, for the help."""
    parser.add_argument(
        "--config",
        metavar="FILE",
        type=repository_path,
        help=f"path of the configuration in {place} (default: .github/lineage-diff.yml)",
    )
    parser.add_argument(
        "--extends-from",
        metavar="FILE",
        help="a copy of the shared configuration that `extends` names; kept for the next time",
    )


def add_fetch(parser: argparse.ArgumentParser, default: str) -> None:
    """Add `--fetch`; `default` describes its default in the help."""
    parser.add_argument(
        "--fetch",
        metavar="WHAT",
        type=_parse_fetch,
        help=(
            f"small DVC-tracked files to read from the cache or remote: a comma-separated list of "
            f"{', '.join(FETCHED)}, such as metrics,plots; or `nothing` (default: {default})"
        ),
    )


def add_check(parser: argparse.ArgumentParser, versions: str, default: str) -> None:
    """Add `--check`; `versions` and `default` describe it in the help."""
    parser.add_argument(
        "--check",
        metavar="WHAT",
        type=_parse_check,
        help=f"pushed (or `nothing`): ask the remote for {versions} (default: {default})",
    )


def _parse_check(text: str) -> tuple[str, ...]:
    if text == "nothing":
        return ()
    if text not in CHECKED:
        raise argparse.ArgumentTypeError(f"unknown value {text!r}: use pushed or nothing")
    return (text,)


def _parse_fetch(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(text.split(",")))
    if names == ("nothing",):
        return ()
    for name in names:
        if name not in FETCHED:
            known = ", ".join(FETCHED)
            raise argparse.ArgumentTypeError(f"unknown value {name!r}: use {known} or nothing")
    return names


def add_output(parser: argparse.ArgumentParser, kind: Kind = "report") -> None:
    """Add the options for the output of a report of this kind; none that all its formats ignore."""
    formats, options = format_names(kind), options_of(kind)
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
        help=f"write to FILE, in the format of its ending ({', '.join(_endings(kind))}) or of the "
        "--format before it; may be repeated",
    )
    if "theme" in options:
        group.add_argument(
            "--theme",
            choices=THEMES,
            help=f"theme of {', '.join(options['theme'])} (default: light)",
        )
    if "pictures" in options:
        group.add_argument(
            "--pictures",
            nargs=2,
            metavar=("LIGHT", "DARK"),
            help="URLs of the graph's two images, for markdown, such as graph-light.svg and "
            "graph-dark.svg (default: the graph as Mermaid)",
        )
    group.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="color the terminal output (default: auto)",
    )
    parser.set_defaults(outputs=None, kind=kind, theme=THEMES[0], pictures=None)


def _endings(kind: Kind) -> list[str]:
    return [FORMATS[name].suffixes[0] for name in format_names(kind) if FORMATS[name].suffixes]


def add_detail(parser: argparse.ArgumentParser, *, bounded: bool = True) -> None:
    """Add `--quiet` and, for commands whose report in a terminal is `bounded`, `--verbose`."""
    group = parser.add_mutually_exclusive_group()
    if bounded:
        group.add_argument(
            "--all",
            "-v",
            "--verbose",
            action="store_true",
            dest="whole",
            help="print every row in the terminal (default: at most 60 lines)",
        )
    group.add_argument(
        "-q",
        "--quiet",
        action="store_true",
        help="print the verdict and the errors only, and no notes",
    )


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
                    f"cannot derive a format from the file name {value!r}: "
                    f"put --format before -o, or use one of the suffixes {known}"
                )
            outputs.append((offered[suffix], value))
        namespace.outputs = outputs


def add_question(parser: argparse.ArgumentParser) -> None:
    """Add the options that all commands about the history share: revision, repository, output."""
    add_rev(parser)
    add_repo(parser)
    add_config(parser)
    add_output(parser, "audit")
