"""Why an object of DVC's storage is not at hand: in words without an address or credentials."""

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
"""The extras of this project that bring DVC's plugins, by the scheme of a remote's address."""

NO_PROJECT = "kept in DVC's cache, and the base branch has no DVC project here to fetch it with"
TOO_SLOW = "the remote does not answer in time"
ENDED = "what reads the storage ended before it answered"
WRONG = "what the storage holds under its hash is something else: it was cut short or changed"


def no_address(hash_: Hash) -> str:
    """The lock names it by what is no hash of DVC's, or keeps it in a cloud's own versions."""
    if hash_.algorithm in ("md5", "md5-dos2unix"):
        return "its hash is none: it is not 32 hexadecimal digits"
    return "kept by a cloud's own version, which is not fetched"


def too_many(objects: int) -> str:
    """More objects than one run reads."""
    return f"not fetched: {objects:,} objects are read in one run, and no more"


def too_much(size: int) -> str:
    """More bytes, in all, than one run reads."""
    return f"not fetched: {size:,} bytes are read in one run, and no more"


def out_of_time(seconds: float) -> str:
    """All the time that a run has for it is spent."""
    return f"not fetched: after {seconds:g} seconds no more is read in one run"


def failed(answer: Mapping[str, Any], most: int) -> str:
    """What the process that reads the storage says went wrong."""
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
                return f"{remote} is of a kind that is not fetched from"
            return f"{remote} needs `lineage-diff[{extra}]` to be installed"
        case "no-remote":
            if answer.get("remote"):
                return f"the base branch names no remote `{answer['remote']}`"
            return "not in the cache, and the base branch names no default remote"
        case "config":
            return f"DVC refuses the configuration of {remote}"
    return f"{remote} cannot be read ({answer.get('detail', 'no reason given')})"
