"""`converted-file`: a DVC or params file that Git holds in a form that cannot be read."""

from lineage_diff.rules.problem_rule import problem_rule

RULE = problem_rule(
    "converted-file",
    "warning",
    summary="a DVC or params file that Git stores encrypted or converted, so it cannot be read",
    why=(
        "DVC reads the file that Git writes on checkout, for example decrypted by git-crypt. "
        "No filter is run here, so the values are unknown, and with them the freshness of the "
        "stages that use them. It is no error, because DVC reads the file."
    ),
    hint="Keep stages, params and metrics in files that Git does not convert.",
    file="params.yaml",
    message=(
        "Git converts it by `filter=git-crypt` in `.gitattributes`, and the form that Git holds "
        "cannot be read"
    ),
    fails="`params.yaml filter=git-crypt` in `.gitattributes`.",
    passes="The same file, not encrypted.",
    by_comment=False,
)
