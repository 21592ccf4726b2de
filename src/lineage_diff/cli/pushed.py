"""Which commit a pre-push hook guards, as pre-commit names it."""

from collections.abc import Mapping

# https://pre-commit.com/#pre-push: the commit, and where all of the history is new on the remote
# only what was pushed, by its ref or in the words of `git push`.
_FROM = "PRE_COMMIT_FROM_REF"
_VARIABLES = ("PRE_COMMIT_TO_REF", "PRE_COMMIT_LOCAL_BRANCH")


def pushed_rev(environment: Mapping[str, str]) -> str | None:
    """Return the revision that is pushed; `None` outside of a push: then the checkout counts."""
    return next((environment[name] for name in _VARIABLES if environment.get(name)), None)


def known_rev(environment: Mapping[str, str]) -> str | None:
    """Return the revision that the remote has already; `None` if it has none, or outside a push."""
    return environment.get(_FROM) or None
