"""`invalid-pipeline`: a DVC file, a params file or a path that DVC rejects."""

from lineage_diff.rules.problem_rule import problem_rule

RULE = problem_rule(
    "invalid-pipeline",
    "error",
    summary="a DVC file, a part of one, a params file or a path that DVC rejects",
    why=(
        "DVC stops at such a file, so nothing can be reproduced, pulled or checked until it is "
        "fixed, and its stages cannot be compared. DVC also stops at a `params.yaml` beside a "
        "`dvc.yaml` if it does not load, even if no template uses it; at an out that `.dvcignore` "
        "excludes; and at a `.dvc/config` or `.dvcignore` that does not parse."
    ),
    hint="Correct the file at the named line; `dvc stage list` shows whether DVC accepts it.",
    file="dvc.yaml",
    message="train: `deps` must be a list",
    fails="`deps: train.py`, but DVC requires a list.",
    passes="`deps: [train.py]`.",
)
