"""`unresolved-variable`: a `${…}` that nothing defines."""

from lineage_diff.rules.problem_rule import problem_rule

RULE = problem_rule(
    "unresolved-variable",
    "error",
    summary="a `${…}` that nothing defines",
    why=("DVC cannot expand the stage, so it can neither run nor be checked."),
    hint="Define the variable in `params.yaml` or under `vars`, or correct its name.",
    file="dvc.yaml",
    message="`${train.epoch}` is not defined",
    fails="`cmd: python train.py ${train.epoch}` where params.yaml has `train.epochs`.",
    passes="The name is the one in params.yaml.",
)
