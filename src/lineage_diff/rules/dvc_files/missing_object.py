"""`missing-object`: a DVC file whose Git object is missing."""

from lineage_diff.rules.problem_rule import problem_rule

RULE = problem_rule(
    "missing-object",
    "error",
    summary="a DVC file whose Git object is missing",
    why=(
        "In a partial or damaged clone parts of the commit cannot be read, so a comparison "
        "would be incomplete."
    ),
    hint="Fetch the missing objects: `git fetch --refetch --no-filter`.",
    file="dvc.lock",
    message="its Git object is missing in this clone",
    fails="A clone made with `--filter=blob:none`, without its remote.",
    passes="A full clone.",
    by_comment=False,
)
