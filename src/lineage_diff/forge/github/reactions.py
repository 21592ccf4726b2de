"""Requests for the reactions to a comment or an issue, by its path in the API.

https://docs.github.com/rest/reactions/reactions
"""

from datetime import datetime

from msgspec import Struct

from lineage_diff.forge.github.client import Answer, GitHub
from lineage_diff.forge.github.errors import RefusedError, understood


class Reaction(Struct, frozen=True):
    """A reaction of the token's user. `age` is in seconds, by GitHub's clock."""

    id: int
    new: bool
    age: float


def react(github: GitHub, path: str, content: str) -> Reaction:
    """Add a reaction, or return the existing one of the token's user."""
    return _reaction(github.ask_once("POST", f"{path}/reactions", {"content": content}))


def unreact(github: GitHub, path: str, reaction: int) -> bool:
    """Remove a reaction; return false if it, or what it belongs to, does not exist."""
    try:
        github.ask("DELETE", f"{path}/reactions/{reaction}")
    except RefusedError as refused:
        if refused.absent:
            return False
        raise
    return True


def has_reacted(github: GitHub, path: str, content: str, login: str) -> bool:
    """Return whether the user `login` has this reaction."""
    given = github.pages(f"{path}/reactions", content=content)
    return any((item.get("user") or {}).get("login") == login for item in given)


@understood
def _reaction(answer: Answer) -> Reaction:
    made = datetime.fromisoformat(answer.body["created_at"])
    age = (answer.date - made).total_seconds() if answer.date is not None else 0.0
    return Reaction(answer.body["id"], answer.status == 201, age)
