"""Messages for unknown values of a file or unknown content of a path."""

from lineage_diff.errors import InputError

CACHED = "kept in DVC's cache, not in Git"
ABSENT = "not in this commit"
NOT_SEARCHABLE = "the keys that stages name cannot be looked up in it"

LINK = "a symbolic link that leaves the repository, or leads nowhere in it"
SUBMODULE = "a submodule, whose files are in another repository"
IN_SUBMODULE = "it lies in a submodule, whose files are in another repository"
LFS = "a Git LFS pointer, whose content is not in Git"
_CONVERTED = "in `.gitattributes`, and DVC hashes the result"
COLLISION = "other content than DVC's hash stands for: another file has the same MD5"
TOO_LARGE = "too large to read, or its Git object is missing"
TOO_MUCH = "over the limit of bytes for one run, see `limits: content-bytes`"


def unreadable(error: InputError) -> str:
    """Message for a file that exists but cannot be used."""
    where = f" (line {error.line})" if error.line else ""
    return f"{error.message}{where}"


def holds(path: str, reason: str) -> str:
    """Message for a folder that contains a path with unknown content."""
    return f"it holds `{path}`: {reason}"


def converted(path: str, setting: str) -> str:
    """Message for a file that Git converts on checkout, so that DVC hashes other bytes."""
    return f"Git converts `{path}` by `{setting}` {_CONVERTED}"


def is_converted(reason: str) -> bool:
    """Whether a message is the one for a file that Git converts."""
    return reason.endswith(_CONVERTED)


def holds_listing(path: str) -> str:
    """Message for a folder that contains a directory out."""
    return f"it holds `{path}`, whose listing is only in DVC's cache"


def holds_no_listing(folder: str, reason: str) -> str:
    """Message for a file inside a directory out without an available listing."""
    return f"it lies inside `{folder}`, whose listing is not available: {reason}"
