"""The reactions to a comment or an issue, for the routes of both; `of` is the id of either."""

from typing import Any

from tests.support.github.answers import Answer, not_found, page
from tests.support.github.records import Reaction, User
from tests.support.github.routing import Call
from tests.support.github.shapes import node_id, user


def list_all(call: Call, of: int) -> Answer:
    """Answer with those of the content that the request names."""
    content = call.query.get("content")
    found = [one for one in call.state.reactions_of(of) if content in (None, one.content)]
    return page(found, lambda one: _shown(call, one), call.query, call.address)


def add(call: Call, of: int, by: User) -> Answer:
    """One for each user and content: 200 with the one that is there, 201 with a new one."""
    content = call.body["content"]
    for reaction in call.state.reactions_of(of):
        if (reaction.user, reaction.content) == (by, content):
            return Answer(200, _shown(call, reaction))
    state = call.state
    new = Reaction(state.next_id(), of, by, content, state.now())
    state.reactions[new.id] = new
    return Answer(201, _shown(call, new))


def find(call: Call, of: int) -> Reaction:
    """Return the one that the path names. Raises 404 if it belongs to something else."""
    reaction = call.state.reactions.get(call.number("reaction_id"))
    if reaction is None or reaction.comment != of:
        raise not_found()
    return reaction


def _shown(call: Call, reaction: Reaction) -> dict[str, Any]:
    return {
        "id": reaction.id,
        "node_id": node_id("Reaction", reaction.id),
        "user": user(call.links, reaction.user),
        "content": reaction.content,
        "created_at": reaction.created_at,
    }
