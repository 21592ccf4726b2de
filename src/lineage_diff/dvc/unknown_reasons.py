"""Why a commit cannot tell the values of a file, or the content of a path: in words."""

from lineage_diff.errors import InputError

CACHED = "kept in DVC's cache, not in Git"
ABSENT = "not in this commit"
NOT_SEARCHABLE = "its keys cannot be looked up by the names that stages give"

LINK = "a symbolic link that leaves the repository, or leads nowhere in it"
SUBMODULE = "a submodule, whose files are in another repository"
IN_SUBMODULE = "it lies in a submodule, whose files are in another repository"
LFS = "a Git LFS pointer, whose content is not in Git"
TOO_LARGE = "too large to read, or its Git object is missing"
TOO_MUCH = "more bytes than are read in one run, see `limits: content-bytes`"


def unreadable(error: InputError) -> str:
    """A file that is there and cannot be used."""
    where = f" (line {error.line})" if error.line else ""
    return f"{error.message}{where}"


def holds(path: str, reason: str) -> str:
    """A folder with something in it that is unknown."""
    return f"it holds `{path}`: {reason}"


def holds_listing(path: str) -> str:
    """A folder with a directory out in it."""
    return f"it holds `{path}`, whose listing only the cache holds"


def holds_no_listing(folder: str, reason: str) -> str:
    """A file inside a directory out, whose listing is not at hand."""
    return f"it lies inside `{folder}`, whose listing is not at hand: {reason}"
