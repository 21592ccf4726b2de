"""`overlapping-outs`: two outputs at the same path, or one inside the other."""

from lineage_diff.rules.problem_rule import problem_rule

RULE = problem_rule(
    "overlapping-outs",
    "error",
    summary="two outputs at the same path, or one inside the other",
    why=(
        "Two stages that write the same path overwrite each other's results, so DVC rejects "
        "the whole repository."
    ),
    hint="Give each output a path of its own.",
    file="dvc.yaml",
    message="`model.pkl` is an output of both `train` and `tune`",
    fails="`train` and `tune` both have `model.pkl` in `outs`.",
    passes="`tune` writes `tuned.pkl`.",
)
