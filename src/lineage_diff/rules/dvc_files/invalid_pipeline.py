"""`invalid-pipeline`: something at which DVC ends: a file of its own, or one that it loads."""

from lineage_diff.rules.problem_rule import problem_rule

RULE = problem_rule(
    "invalid-pipeline",
    "error",
    summary="something that DVC refuses: one of its files or a part of it, params, a path",
    why=(
        "DVC stops at such a file, so nobody can reproduce, pull or check anything until it "
        "is fixed, and nothing of it can be compared. So it does at a `params.yaml` beside a "
        "dvc.yaml that does not load, whether or not a template uses it, at an out that "
        "`.dvcignore` hides, and at a `.dvc/config` or `.dvcignore` that it cannot parse."
    ),
    hint="Correct the file at the named line; `dvc stage list` shows whether DVC accepts it.",
    file="dvc.yaml",
    message="train: `deps` must be a list",
    fails="`deps: train.py`, but DVC requires a list.",
    passes="`deps: [train.py]`.",
)
