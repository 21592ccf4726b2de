"""Messages for objects of DVC's storage that are not available.

They contain no address and no credentials.
"""

from collections.abc import Mapping
from typing import Any

from lineage_diff.lineage.version import Hash

EXTRAS: Mapping[str, str] = {
    "s3": "s3",
    "gs": "gs",
    "azure": "azure",
    "ssh": "ssh",
    "webdav": "webdav",
    "webdavs": "webdav",
    "hdfs": "hdfs",
}
"""The extras of this project with DVC's plugins, by the scheme of a remote's address."""

NO_PROJECT = "kept in DVC's cache, and the base branch has no DVC project here to fetch it with"
NO_PROJECT_HERE = "the base branch has no DVC project here, so no remote"
NO_VERSIONS = "the entry of the lock or `.dvc` file cannot be read"
VERSIONED = "the remote keeps versions of a cloud"
OF_FORK = "the change comes from a fork, for which the remote is not asked"
TOO_SLOW = "the remote does not answer in time"
ENDED = "the process that reads the storage ended before it answered"
WRONG = "the stored content does not match its hash: it was cut short or changed"


def no_address(hash_: Hash) -> str:
    """Message for an output without a valid DVC hash, or with only a cloud version id."""
    if hash_.algorithm in ("md5", "md5-dos2unix"):
        return "its hash is invalid: it is not 32 hexadecimal digits"
    return "tracked by a cloud version, which is not fetched"


def no_digest(hash_: Hash) -> str:
    """Message for an output whose bytes are not those that its hash is of, or not one file."""
    if hash_.is_dir:
        return "a directory has no SHA-256"
    if hash_.algorithm == "md5-dos2unix":
        return "its hash is that of DVC 2, which may be of text with other line ends"
    return no_address(hash_)


def too_many(objects: int) -> str:
    """Message for an object beyond the limit of objects for one run."""
    return f"not fetched: one run reads at most {objects:,} objects"


def too_many_asked(objects: int) -> str:
    """Message for objects beyond the limit of objects to look for in one run."""
    return f"one run looks for at most {objects:,} objects"


def too_long_asked(seconds: float) -> str:
    """Message for objects after the time limit to look for objects in one run."""
    return f"one run looks for objects for at most {seconds:g} seconds"


def not_asked(answer: Mapping[str, Any]) -> str:
    """Message for objects that could not be looked for, as the worker process reports it."""
    if answer["failed"] == "no-remote" and not answer.get("remote"):
        return "the base branch names no default remote"
    return failed(answer, 0)


def too_much(size: int) -> str:
    """Message for an object beyond the limit of bytes for one run."""
    return f"not fetched: one run reads at most {size:,} bytes"


def out_of_time(seconds: float) -> str:
    """Message for an object after the time limit of one run."""
    return f"not fetched: one run reads for at most {seconds:g} seconds"


def failed(answer: Mapping[str, Any], most: int) -> str:
    """Message for a failure reported by the worker process; `most` is in bytes."""
    remote = f"the remote `{answer['remote']}`" if answer.get("remote") else "the storage"
    match answer["failed"]:
        case "missing":
            return f"neither the cache nor {remote} holds it"
        case "too-large":
            return f"larger than the {most:,} bytes that are fetched"
        case "refused":
            return f"{remote} refuses access: credentials are missing or wrong"
        case "redirected":
            return f"{remote} redirects to another host, which is not followed"
        case "other-address":
            return (
                f"your own settings of {remote} are for another address: the base branch and the "
                "`.dvc/config` of the checkout differ"
            )
        case "no-plugin":
            extra = EXTRAS.get(str(answer.get("detail")))
            if extra is None:
                return f"{remote} is of a type that is not supported"
            return f"{remote} needs `lineage-diff[{extra}]` to be installed"
        case "no-remote":
            if answer.get("remote"):
                return f"the base branch names no remote `{answer['remote']}`"
            return "not in the cache, and the base branch names no default remote"
        case "versioned":
            return VERSIONED
        case "no-store":
            return f"the folder or bucket of {remote} cannot be found"
        case "config":
            return f"DVC refuses the configuration of {remote}"
    return f"{remote} cannot be read ({answer.get('detail', 'no reason given')})"
