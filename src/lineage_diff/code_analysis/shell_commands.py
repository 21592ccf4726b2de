"""Split a stage's command into words, and find its paths and the Python files that it runs.

This is not a shell: words that a shell expands (variables, globs, substitutions) are not paths.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from lineage_diff.lineage.paths import join
from lineage_diff.lineage.stage import Command

_TOKEN = re.compile(r"""[;&|()\n]+|[<>]+|(?:[^\s'"\\;&|<>()]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+""")
_QUOTES = re.compile(r"""['"]""")
_PYTHON = re.compile(r"(?:.*/)?(?:python[\d.]*|torchrun|ipython|streamlit|accelerate)$")
_VARIABLE = re.compile(r"[A-Za-z_]\w*=")
_OUTPUT = re.compile(
    r"(?:^-o$|(?:^|[-_.])(?:o|out|outs|outdir|output|outputs|outfile|save|saved|dest|destination|to|log|logs|"
    r"logdir|export|write|target|result|results|report|reports|cache|tmp|temp)(?=$|[-_.]))"
)
_UNKNOWN = re.compile(r"[$*?{}~`\[\]%\s]|://")
# Commands whose arguments are not inputs of a stage.
_SILENT = frozenset(
    [
        "cd",
        "mkdir",
        "rm",
        "rmdir",
        "touch",
        "chmod",
        "chown",
        "echo",
        "printf",
        "test",
        "[",
        "export",
        "set",
        "unset",
        "pip",
        "pip3",
        "dvc",
        "git",
        "exit",
        "true",
        "false",
        "ls",
        "which",
        "type",
        "alias",
        "conda",
        "mamba",
        "apt",
        "apt-get",
    ]
)
_RUNNERS = frozenset(["poetry", "pipenv", "uv", "conda", "mamba", "pixi", "rye", "hatch", "pdm"])
_LAST_IS_OUTPUT = frozenset(("cp", "mv", "ln", "install", "rsync", "papermill"))


class CommandWords(Struct, frozen=True):
    """The paths in a command, relative to the repository's root.

    `named` are all its paths, `scripts` those run as `python x.py`, and `modules` the pairs of
    folder and dotted name run as `python -m x.y`. `cwd` is the working folder of the last of them,
    `None` after a `cd` to an unknown folder.
    """

    named: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    modules: tuple[tuple[str, str], ...] = ()
    cwd: str | None = ""


def command_words(command: Command, wdir: str) -> CommandWords:
    """Split a command, or a list of commands, that runs in `wdir`."""
    lines = (command,) if isinstance(command, str) else command or ()
    named: dict[str, None] = {}
    scripts: dict[str, None] = {}
    modules: dict[tuple[str, str], None] = {}
    last: str | None = wdir
    for line in lines:
        cwd: str | None = wdir
        for words in _simple_commands(line):
            if words[0] == "cd":
                cwd = _folder(cwd, words)
            if cwd is None:
                last = None
                break
            script, module = _python(words)
            if script is not None:
                scripts[join(cwd, script)] = None
            if module is not None:
                modules[cwd, module] = None
            named.update((join(cwd, path), None) for path in _paths(words))
            last = cwd
    return CommandWords(
        tuple(path for path in named if _is_inside(path)),
        tuple(path for path in scripts if _is_inside(path)),
        tuple(modules),
        last,
    )


def _simple_commands(line: str) -> Iterator[list[str]]:
    """Yield the words of each command of a list or pipe, without the targets of redirections."""
    words: list[str] = []
    written = False
    for token in _TOKEN.findall(line.replace("\\\n", " ")):
        if token[0] in ";&|()\n":
            if words:
                yield words
            words, written = [], False
        elif token[0] in "<>":
            written = token[0] == ">"
        elif written:
            written = False
        else:
            word = _QUOTES.sub("", token)
            if words or not _VARIABLE.match(word):
                words.append(word)
    if words and words[0]:
        yield words


def _folder(cwd: str | None, words: list[str]) -> str | None:
    if cwd is None or len(words) != 2 or _UNKNOWN.search(words[1]) or words[1].startswith("/"):
        return None
    folder = join(cwd, words[1])
    return folder if _is_inside(folder) or not folder else None


def _python(words: list[str]) -> tuple[str | None, str | None]:
    """Return the script, or the module, that a command runs with Python."""
    if words[0].endswith(".py"):
        return words[0], None
    start = next((n for n, word in enumerate(words) if _PYTHON.match(word)), None)
    if start is None:
        if words[0] not in _RUNNERS or "run" not in words:
            return None, None
        start = words.index("run")
    for n, word in enumerate(words[start + 1 :], start + 1):
        if word == "-c":
            break
        if word == "-m":
            name = words[n + 1] if n + 1 < len(words) else ""
            return None, name if name.replace(".", "_").isidentifier() else None
        if word.endswith(".py"):
            return (None if _UNKNOWN.search(word) else word), None
    return None, None


def _paths(words: list[str]) -> Iterator[str]:
    """Yield the words that may be input paths, including option values, without outputs."""
    program = words[0].rpartition("/")[2]
    if program in _SILENT and not (program in _RUNNERS and "run" in words):
        return
    last = len(words) - 1 if program in _LAST_IS_OUTPUT else len(words)
    option = ""
    for word in words[:last]:
        name, equals, value = word.partition("=")
        if word.startswith("-") and not equals:
            option = word.lower()
            continue
        if equals:
            option = name.lower()
        else:
            value = word
        writes = bool(option) and _OUTPUT.search(option.lstrip("-") if equals else option)
        option = ""
        if writes or value.startswith(("/", "-")) or _UNKNOWN.search(value):
            continue
        if "/" in value or "." in value.strip("."):
            yield value


def _is_inside(path: str) -> bool:
    return bool(path) and not path.startswith(("/", "..")) and "://" not in path
