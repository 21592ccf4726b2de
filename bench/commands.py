"""The commands that are timed, and what people ask DVC for the same question."""

from collections.abc import Mapping

OURS: Mapping[str, tuple[str, ...]] = {
    "compare": ("compare", "HEAD~1", "HEAD"),
    "status": ("status",),
    "lint": ("lint",),
    "audit": ("audit",),
}

_DIFF = ("diff", "--json", "HEAD~1", "HEAD")
_PARAMS = ("params", "diff", "--json", "HEAD~1", "HEAD")
_DAG = ("dag", "--dot")

DVCS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "compare": (_DIFF, ("metrics", "diff", "--json", "HEAD~1", "HEAD"), _PARAMS, _DAG),
    "status": (("status", "--json"),),
    # It reads every pipeline, and ends at the first that is invalid.
    "lint": (("stage", "list", "--all", "--name-only"),),
    # The two differences once for each commit of the history: here there is one before the last.
    "audit": (_DAG, ("metrics", "show", "--json", "--all-commits"), _PARAMS, _DIFF),
}
