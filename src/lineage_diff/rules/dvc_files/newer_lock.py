"""`newer-lock`: a lock file of a schema that is not known here."""

from lineage_diff.rules.problem_rule import problem_rule

RULE = problem_rule(
    "newer-lock",
    "error",
    summary="a lock file of a schema that is not known here",
    why=(
        "What a newer DVC writes may mean something else than it seems to, so its stages are "
        "not judged."
    ),
    hint="Update lineage-diff, or write the lock with the DVC that the team agreed on.",
    file="dvc.lock",
    message="a lock of schema 3.0, newer than the 2.0 that is known",
    fails="`schema: '3.0'` in `dvc.lock`.",
    passes="`schema: '2.0'`.",
)
