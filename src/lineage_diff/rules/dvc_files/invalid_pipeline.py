"""`invalid-pipeline`: a DVC file that DVC refuses, or a part of it."""

from lineage_diff.rules.problem_rule import problem_rule

RULE = problem_rule(
    "invalid-pipeline",
    "error",
    summary="a DVC file that DVC refuses, or a part of it",
    why=(
        "DVC stops at such a file, so nobody can reproduce, pull or check anything until it "
        "is fixed, and nothing of it can be compared."
    ),
    hint="Correct the file at the named line; `dvc stage list` says whether DVC takes it.",
    file="dvc.yaml",
    message="train: `deps` must be a list",
    fails="`deps: train.py` where DVC wants a list.",
    passes="`deps: [train.py]`.",
)
