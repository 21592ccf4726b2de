"""Create the problems found while reading, one factory for each kind.

Also finds the problems of a whole project: cycles and overlapping outputs, which DVC refuses.
"""

from collections.abc import Sequence

from lineage_diff.errors import ConvertedError, InputError, MissingObjectError
from lineage_diff.lineage.graph import build_graph, clashes, topological
from lineage_diff.lineage.lineage import Problem
from lineage_diff.lineage.stage import Stage
from lineage_diff.parsing.yaml_loader import ConflictError, DuplicateKeyError


class TemplateError(InputError):
    """Templating failed: a variable is missing, or a variables file cannot be used."""


def unreadable_file(error: InputError, file: str, pipeline: str | None) -> Problem:
    """Problem for a DVC file that does not load; `pipeline` is the file missing because of it."""
    rule = "invalid-pipeline"
    if isinstance(error, DuplicateKeyError):
        rule = "duplicate-key"
    elif isinstance(error, ConflictError):
        rule = "lock-conflict"
    elif isinstance(error, TemplateError):
        rule = "unresolved-variable"
    elif isinstance(error, ConvertedError):
        rule = "converted-file"
    elif isinstance(error, MissingObjectError):
        rule = "missing-object"
    return Problem(rule, error.file or file, error.message, error.hint, error.line, pipeline)


def as_error(problem: Problem) -> InputError:
    """Return the problem as an error, with the same message, hint, file and line."""
    return InputError(problem.message, hint=problem.hint, file=problem.file, line=problem.line)


def invalid_pipeline(
    file: str, where: str, what: str, line: int | None, partial: bool, stage: str | None = None
) -> Problem:
    """Problem for a file that DVC's schema refuses; `partial` if the rest is still read.

    `stage` is then the only missing one.
    """
    return Problem(
        "invalid-pipeline",
        file,
        f"{where}: {what}" if where else what,
        "Correct it: until then DVC refuses the whole file.",
        line,
        file if partial else None,
        stage,
    )


def refused(file: str, message: str, hint: str, line: int | None) -> Problem:
    """Problem for a part that makes DVC fail but is read here, so that nothing is missing."""
    return Problem("invalid-pipeline", file, message, hint, line)


def refused_dvc_file(file: str, what: str) -> Problem:
    """Problem for a `.dvc` file that DVC 3 refuses but that is still read here."""
    return Problem(
        "invalid-pipeline",
        file,
        f"DVC 3 refuses the file: {what if what.startswith('`') else f'it {what}'}",
        "Write it again with `dvc add` or `dvc import`, or move its command to a dvc.yaml.",
        1,
    )


# By the words of DVC's own errors. What names a file or a variable comes from the repository, and
# may hold any of these words: the order decides, and a wrong hint does no harm.
_TEMPLATE_HINTS = (
    ("cannot redefine", "Keep one of the two definitions, or give one another name."),
    ("already loaded", "Load it once: remove one of the two entries under `vars`."),
    ("Could not find 'params.", "Define the variable, or correct its name."),
    ("does not exist", "Commit the file, or remove it from `vars`."),
    ("is a directory", "Name a file under `vars`, or remove the entry."),
)


def template_hint(message: str) -> str:
    """Return the hint for an error of DVC's templating, by its message."""
    for words, hint in _TEMPLATE_HINTS:
        if words in message:
            return hint
    return "Define the variable in params.yaml or under `vars`, or correct its name."


def unresolved_variable(
    file: str, message: str, line: int | None, stage: str | None = None
) -> Problem:
    """Problem for a `${}`, `foreach` or `matrix` that templating cannot resolve."""
    return Problem(
        "unresolved-variable",
        file,
        message,
        template_hint(message),
        line,
        file,
        stage,
    )


def too_many_stages(file: str, group: str, count: int, limit: int, line: int | None) -> Problem:
    """Problem for a `foreach` or `matrix` that generates too many stages."""
    return Problem(
        "invalid-pipeline",
        file,
        f"`{group}` would generate {count:,} stages, more than the {limit:,} that are read",
        "Generate fewer stages, or raise `limits: stages` in the base's configuration.",
        line,
        file,
        group,
    )


def legacy_lock(file: str) -> Problem:
    """Problem for a lock file in the format of DVC 1."""
    return Problem(
        "legacy-lock",
        file,
        "written by DVC 1, in a format that DVC 3 refuses",
        "Run `dvc repro` or `dvc commit` with DVC 2 once, which rewrites it.",
        1,
    )


def newer_lock(file: str, schema: float | str, line: int | None) -> Problem:
    """Problem for a lock file with a newer schema, or with a number for the text `2.0`."""
    if schema == 2.0:
        return Problem(
            "newer-lock",
            file,
            "its `schema` is the number 2.0, and DVC reads only the text `'2.0'`",
            "Write it in quotes, as DVC does: `schema: '2.0'`.",
            line,
            None,
        )
    return Problem(
        "newer-lock",
        file,
        f"a lock of schema {schema}, newer than the 2.0 that is known",
        "Update lineage-diff, or write the lock with DVC 3.",
        line,
        None,
    )


def cycle(file: str, stages: Sequence[str], line: int | None) -> Problem:
    """Problem for stages that depend on each other's outputs."""
    ring = " → ".join([*stages, stages[0]])
    return Problem(
        "cycle",
        file,
        f"the stages depend on each other in a circle: {ring}",
        "Remove one of these dependencies: DVC refuses the repository.",
        line,
    )


def overlapping_outs(
    file: str, path: str, inner: str, stage: str, other: str, line: int | None
) -> Problem:
    """Problem for two outputs with the same path, or one inside the other."""
    if path == inner:
        twice = f"`{stage}` twice" if stage == other else f"both `{stage}` and `{other}`"
        message = f"`{path}` is an output of {twice}"
    else:
        message = f"the output `{inner}` of `{other}` lies inside the output `{path}` of `{stage}`"
    return Problem(
        "overlapping-outs",
        file,
        message,
        "Give each output a place of its own: DVC refuses the repository.",
        line,
    )


def graph_problems(stages: Sequence[Stage]) -> list[Problem]:
    """Find overlapping outputs and cycles in a project; each names one stage's file and line."""
    by_id = {stage.id: stage for stage in stages}
    graph = build_graph(stage for stage in stages if not stage.is_dataset)
    outs, alone = clashes(graph)
    found = []
    for overlap in outs:
        stage = by_id[overlap.other]
        found.append(
            overlapping_outs(
                stage.file,
                overlap.path,
                overlap.inner,
                by_id[overlap.stage].address,
                stage.address,
                stage.line,
            )
        )
    for ring in (*((stage,) for stage in alone), *topological(graph)[1]):
        first = by_id[ring[0]]
        names = [by_id[stage].address for stage in ring]
        found.append(cycle(first.file, names, first.line))
    return found
