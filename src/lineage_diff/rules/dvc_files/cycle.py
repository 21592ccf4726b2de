"""`cycle`: stages that need each other's results."""

from lineage_diff.rules.problem_rule import problem_rule

RULE = problem_rule(
    "cycle",
    "error",
    summary="stages that need each other's results",
    why="They cannot run in any order, so DVC rejects the whole repository.",
    hint="Remove one of the dependencies that close the cycle.",
    file="dvc.yaml",
    message="the stages depend on each other in a circle: train → evaluate → train",
    fails="`train` depends on `metrics.json`, which `evaluate` makes from the model.",
    passes="`evaluate` depends on `train`, and not the other way.",
)
