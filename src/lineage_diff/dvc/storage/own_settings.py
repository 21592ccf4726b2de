"""What a user's own settings of a remote are for: the address that their checkout gives it.

Who writes a commit could give the team's remote another address there, and be sent the password.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Remotes = Mapping[str, Mapping[str, Any]]
"""The sections of DVC's remotes, by their names."""

_REFERENCE = "remote://"


class OtherAddressError(Exception):
    """The user's own settings are not for what the trusted commit calls by that name."""


def remotes_to_ask(
    name: str, merged: Remotes, committed: Remotes, here: Remotes, own: Remotes
) -> Remotes:
    """Return the remotes as one of them, `name`, may be asked.

    `merged` is all that DVC believes: what is `committed` at the trusted commit under the user's
    `own` settings. Where what is committed differs from what the checkout has `here`, an address
    of the user's own counts alone. Raises `OtherAddressError` where they gave none.
    """
    chain = tuple(_chain(name, merged))
    is_same = all(committed.get(one) == here.get(one) for one in chain)
    if is_same or not any(one in own for one in chain):
        return merged
    if len(chain) == 1 and "url" in own[name]:
        return {**merged, name: own[name]}
    raise OtherAddressError


def _chain(name: str, remotes: Remotes) -> Iterator[str]:
    """Yield the remote and those that it refers to (`url = remote://other/folder`)."""
    seen: set[str] = set()
    while name in remotes and name not in seen:
        seen.add(name)
        yield name
        url = str(remotes[name].get("url", ""))
        if not url.lower().startswith(_REFERENCE):
            return
        name = url[len(_REFERENCE) :].partition("/")[0].lower()
