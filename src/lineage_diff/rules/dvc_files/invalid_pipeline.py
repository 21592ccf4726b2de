"""`invalid-pipeline`: a DVC file that DVC rejects, or a part of it."""

from lineage_diff.rules.problem_rule import problem_rule

RULE = problem_rule(
    "invalid-pipeline",
    "error",
    summary="a DVC file that DVC rejects, or a part of it",
    why=(
        "DVC stops at such a file, so nothing can be reproduced, pulled or checked until it "
        "is fixed, and its stages cannot be compared."
    ),
    hint="Correct the file at the named line; `dvc stage list` shows whether DVC accepts it.",
    file="dvc.yaml",
    message="train: `deps` must be a list",
    fails="`deps: train.py`, but DVC requires a list.",
    passes="`deps: [train.py]`.",
)
