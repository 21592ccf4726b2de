"""`newer-lock`: a lock file with an unknown schema version."""

from lineage_diff.rules.problem_rule import problem_rule

RULE = problem_rule(
    "newer-lock",
    "error",
    summary="a lock file with an unknown schema version",
    why=(
        "Fields of a newer format may have another meaning, so the freshness of its stages is "
        "not checked."
    ),
    hint="Update lineage-diff, or write the lock with the DVC version of the team.",
    file="dvc.lock",
    message="a lock of schema 3.0, newer than the 2.0 that is known",
    fails="`schema: '3.0'` in `dvc.lock`.",
    passes="`schema: '2.0'`.",
    by_comment=False,
)
