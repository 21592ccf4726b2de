"""`lock-conflict`: merge conflict markers in a DVC file."""

from lineage_diff.rules.problem_rule import problem_rule

RULE = problem_rule(
    "lock-conflict",
    "error",
    summary="merge conflict markers in a DVC file",
    why=(
        "A file with conflict markers cannot be read: none of its stages can be checked, pulled or"
        " compared."
    ),
    hint=(
        "Take the file of one branch (`git checkout main -- dvc.lock`), then run `dvc repro` and "
        "commit what it writes."
    ),
    file="dvc.lock",
    message="merge conflict markers",
    fails="A `dvc.lock` that was committed with `<<<<<<<` in it.",
    passes="The conflict was resolved, and `dvc repro` run.",
    by_comment=False,
)
