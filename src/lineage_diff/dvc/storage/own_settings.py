"""Apply a user's own settings of a remote only to the address in their checkout.

Otherwise the author of a commit could give the team's remote another address, and receive the
password.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Remotes = Mapping[str, Mapping[str, Any]]
"""The sections of DVC's remotes, by their names."""

_REFERENCE = "remote://"


class OtherAddressError(Exception):
    """The user's own settings are for another remote than the trusted commit's of that name."""


def remotes_to_ask(
    name: str, merged: Remotes, committed: Remotes, here: Remotes, own: Remotes
) -> Remotes:
    """Return the remotes with the settings allowed for the remote `name`.

    `merged` are DVC's settings: those `committed` at the trusted commit, overridden by the user's
    `own`. If the committed settings differ from those `here` in the checkout, only the user's own
    address counts. Raises `OtherAddressError` if the user gave none.
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
