"""`legacy-lock`: a lock file in the format of DVC 1."""

from lineage_diff.rules.problem_rule import problem_rule

RULE = problem_rule(
    "legacy-lock",
    "info",
    summary="a lock file in the format of DVC 1",
    why="DVC 3 rejects this format; the repository works only with an old DVC.",
    hint="Run `dvc repro` or `dvc commit` with DVC 2 once: it rewrites the file.",
    file="dvc.lock",
    message="written by DVC 1, in a format that DVC 3 refuses",
    fails="A `dvc.lock` without `schema`, with the stages at the top level.",
    passes="`schema: '2.0'`, and the stages under `stages`.",
    by_comment=False,
)
