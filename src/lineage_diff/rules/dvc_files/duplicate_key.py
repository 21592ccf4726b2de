"""`duplicate-key`: the same key twice in one mapping of a DVC file."""

from lineage_diff.rules.problem_rule import problem_rule

RULE = problem_rule(
    "duplicate-key",
    "error",
    summary="the same key twice in one mapping of a DVC file",
    why=(
        "Plain YAML readers silently keep the last one; DVC rejects the file. It is usually "
        "left by a merge that kept both sides."
    ),
    hint="Keep one of the two.",
    file="dvc.yaml",
    message="the key `train` stands here twice",
    fails="Two stages named `train` in one `dvc.yaml`.",
    passes="Every stage has a name of its own.",
)
