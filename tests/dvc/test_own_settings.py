"""Whose settings a remote is asked with: the user's own only at the address they are for."""

import pytest

from lineage_diff.dvc.storage.own_settings import OtherAddressError, Remotes, remotes_to_ask

TEAM = {"url": "https://team.example/store"}
EVIL = {"url": "https://evil.example/store"}
SECRET = {"user": "reader", "password": "s3cret"}
THEIRS = {**SECRET, "url": "https://mine.example"}
JUMP = {"url": "remote://store/folder"}
DETOUR = {**TEAM, "endpointurl": "https://evil.example"}


def merged(*levels: Remotes) -> Remotes:
    names = {name for level in levels for name in level}
    return {
        name: {key: value for level in levels for key, value in level.get(name, {}).items()}
        for name in names
    }


CASES: dict[str, tuple[str, Remotes, Remotes, Remotes, Remotes | None]] = {
    "the same address": (
        "store",
        {"store": TEAM},
        {"store": TEAM},
        {"store": SECRET},
        {"store": {**TEAM, **SECRET}},
    ),
    "another address": ("store", {"store": EVIL}, {"store": TEAM}, {"store": SECRET}, None),
    "an address that the checkout lacks": ("store", {"store": EVIL}, {}, {"store": SECRET}, None),
    "the same address by another way": (
        "store",
        {"store": DETOUR},
        {"store": TEAM},
        {"store": SECRET},
        None,
    ),
    "another address, and nothing of one's own": (
        "store",
        {"store": EVIL},
        {"store": TEAM},
        {},
        {"store": EVIL},
    ),
    "an address of one's own": (
        "store",
        {"store": DETOUR},
        {"store": TEAM},
        {"store": THEIRS},
        {"store": THEIRS},
    ),
    "own settings of another remote": (
        "store",
        {"store": EVIL, "other": TEAM},
        {"other": TEAM},
        {"other": SECRET},
        {"store": EVIL, "other": {**TEAM, **SECRET}},
    ),
    "a remote that leads to it": (
        "jump",
        {"store": TEAM, "jump": JUMP},
        {"store": TEAM, "jump": JUMP},
        {"store": SECRET},
        {"store": {**TEAM, **SECRET}, "jump": JUMP},
    ),
    "a new remote that leads to it": (
        "jump",
        {"store": TEAM, "jump": {**JUMP, "endpointurl": "https://evil.example"}},
        {"store": TEAM},
        {"store": SECRET},
        None,
    ),
    "one that leads to another address": (
        "jump",
        {"store": EVIL, "jump": JUMP},
        {"store": TEAM, "jump": JUMP},
        {"jump": SECRET},
        None,
    ),
    "remotes in a circle": (
        "jump",
        {"jump": {"url": "remote://jump"}},
        {},
        {"jump": SECRET},
        None,
    ),
    "no such remote": (
        "none",
        {"store": TEAM},
        {},
        {"store": SECRET},
        {"store": {**TEAM, **SECRET}},
    ),
}


@pytest.mark.parametrize(("name", "committed", "here", "own", "wanted"), CASES.values(), ids=CASES)
def test_own_settings_go_to_their_own_address(
    name: str, committed: Remotes, here: Remotes, own: Remotes, wanted: Remotes | None
) -> None:
    believed = merged(committed, own)
    if wanted is None:
        with pytest.raises(OtherAddressError):
            remotes_to_ask(name, believed, committed, here, own)
    else:
        assert remotes_to_ask(name, believed, committed, here, own) == wanted
