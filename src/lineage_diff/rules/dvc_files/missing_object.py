"""`missing-object`: a DVC file whose Git object is not there."""

from lineage_diff.rules.problem_rule import problem_rule

RULE = problem_rule(
    "missing-object",
    "error",
    summary="a DVC file whose Git object is not there",
    why=(
        "In a partial or damaged clone parts of the commit cannot be read, so a comparison "
        "would tell half of the truth."
    ),
    hint="Fetch the whole repository: no `--filter`, or `git fetch --refetch`.",
    file="dvc.lock",
    message="its Git object is missing in this clone",
    fails="A clone made with `--filter=blob:none`, without its remote.",
    passes="A full clone.",
)
