import pytest
from msgspec.structs import replace

from lineage_diff.forge.github.comments.publish import publish_comment
from lineage_diff.forge.publication import Note
from tests.publish.conftest import IMAGES, NAME, NEW, OLD, Place, comment_of, target
from tests.support.github import error

MARKER = "<!-- lineage-diff id=lineage-diff head={} run={}.1 -->\n"


def test_a_comment_is_made_once_and_then_updated(place: Place) -> None:
    made = place.publish()
    assert (made.done, made.notes) == ("created", ())
    place.push(NEW)
    updated = place.publish(NEW, run=2)
    assert (updated.done, updated.url) == ("updated", made.url)
    assert place.bodies() == [MARKER.format(NEW, 2) + f"About {NEW}, mermaid\n"]
    assert not place.server.state.reactions


def test_the_same_comment_is_no_call_that_writes(place: Place) -> None:
    place.publish(images=IMAGES)
    before = len(place.server.log)
    assert place.publish(run=2, images=IMAGES).done == "unchanged"
    assert place.writes(before) == []


def test_without_a_change_only_a_comment_that_is_there_is_updated(place: Place) -> None:
    assert place.publish(create=False).done == "nothing"
    assert place.bodies() == []
    place.publish()
    place.push(NEW)
    assert place.publish(NEW, run=2, create=False).done == "updated"


def test_two_ids_live_side_by_side(place: Place) -> None:
    github = place.github()
    for name in ("lineage-diff", "ranking", "ranking.2"):
        publish_comment(github, target(name=name), comment_of(OLD, images=IMAGES))
    assert len(place.bodies()) == 3
    assert place.refs() == [
        f"refs/lineage-diff/pr-1/{name}/{OLD[:12]}"
        for name in ("lineage-diff", "ranking+2", "ranking")
    ]


@pytest.mark.parametrize("user", ["github-actions[bot]", "our-app[bot]", "maintainer"])
def test_ours_is_found_behind_any_number_of_comments(place: Place, user: str) -> None:
    state = place.server.state
    for _ in range(130):
        state.add_comment(state.pulls[NAME, 1], "Looks good", user="somebody")
    own = place.server.token(user=user, contents="write", pull_requests="write")
    first = place.publish(token=own)
    place.push(NEW)
    second = place.publish(NEW, run=2, token=own)
    assert (second.done, second.url) == ("updated", first.url)
    assert len(place.bodies()) == 131


def test_further_copies_are_removed_and_the_oldest_stays(place: Place) -> None:
    state = place.server.state
    pull = state.pulls[NAME, 1]
    first = state.add_comment(pull, MARKER.format(OLD, 1) + "one")
    state.add_comment(pull, MARKER.format(OLD, 2) + "two")
    state.add_comment(pull, MARKER.format(OLD, 2) + "three")
    assert place.publish(run=3).done == "updated"
    assert [one.id for one in state.comments_of(NAME, 1)] == [first.id]


@pytest.mark.parametrize(
    ("body", "user"),
    [
        *(
            (MARKER.format(OLD, 999_999) + text, user)
            for user in ("stranger", "octo", "member", "github-actions", "another-app[bot]")
            for text in ("Mine now", f"About {OLD}, mermaid\n")
        ),
        ("Look at\n" + MARKER.format(OLD, 9), "github-actions[bot]"),
        ("> " + MARKER.format(OLD, 9), "github-actions[bot]"),
        (MARKER.format(OLD, 9).replace("lineage-diff head", "other head"), "github-actions[bot]"),
    ],
)
def test_what_is_not_ours_is_left_alone(place: Place, body: str, user: str) -> None:
    state = place.server.state
    state.collaborators.add((NAME, "member"))
    state.add_comment(state.pulls[NAME, 1], body, user=user)
    done = place.publish()
    assert done.done == "created"
    imitated = [note.why for note in done.notes]
    assert imitated == (["imitated"] if user != "github-actions[bot]" else [])
    assert place.bodies() == [body, MARKER.format(OLD, 1) + f"About {OLD}, mermaid\n"]


def test_a_comment_that_its_author_edits_later_is_not_ours(place: Place) -> None:
    state = place.server.state
    theirs = state.add_comment(state.pulls[NAME, 1], "Looks good", user="octo")
    place.publish()
    state.edit_comment(theirs, MARKER.format(NEW, 999_999) + "Edited", user="octo")
    place.push(NEW)
    assert place.publish(NEW, run=2).done == "updated"
    assert place.bodies()[1] == MARKER.format(NEW, 2) + f"About {NEW}, mermaid\n"


def test_a_run_number_that_another_user_wrote_into_ours_is_not_believed(place: Place) -> None:
    place.publish()
    (ours,) = place.server.state.comments_of(NAME, 1)
    forged = MARKER.format(OLD, 999_999) + "All is well"
    place.server.state.edit_comment(ours, forged, user="maintainer")
    assert place.publish(run=2).done == "updated"
    assert place.bodies() == [MARKER.format(OLD, 2) + f"About {OLD}, mermaid\n"]


def test_a_comment_of_an_older_token_stays_and_is_named(place: Place) -> None:
    first = place.publish()
    app = place.server.token(user="our-app[bot]", contents="write", pull_requests="write")
    second = place.publish(run=2, token=app)
    assert second.done == "created"
    assert second.notes == (Note("comment", "imitated", first.url or ""),)
    assert len(place.bodies()) == 2
    assert place.publish(run=3, token=app).done == "unchanged"


def test_where_github_does_not_say_who_the_token_is_nothing_is_taken_for_ours(
    place: Place,
) -> None:
    place.publish()
    before = place.bodies()
    place.server.faults.on("POST", r"(/api)?/graphql", error(403), times=None)
    place.push(NEW)
    done = place.publish(NEW, run=2)
    assert [(note.what, note.why) for note in done.notes] == [("comment", "unavailable")]
    assert place.bodies() == before
    person = place.server.token(user="somebody")
    assert place.publish(NEW, run=3, token=person).done == "created"


def test_an_older_head_or_run_is_not_published(place: Place) -> None:
    place.push(NEW)
    place.publish(NEW, run=2)
    newest = place.bodies()
    old = place.publish(OLD, run=1)
    assert old.notes == (Note("comment", "superseded"),)
    # A re-run of the same head with other words, by an older run.
    again = publish_comment(place.github(), target(NEW, 1), comment_of("other words"))
    assert again.notes == (Note("comment", "superseded"),)
    assert place.bodies() == newest


def test_a_locked_conversation_and_a_pull_request_that_is_gone(place: Place) -> None:
    state = place.server.state
    state.change_pull(state.pulls[NAME, 1], locked=True)
    assert [note.why for note in place.publish().notes] == ["locked"]
    gone = replace(target(), pull_request=77)
    assert [n.why for n in publish_comment(place.github(), gone, comment_of(OLD)).notes] == ["gone"]


@pytest.mark.parametrize(
    "access", [{"pull_requests": "read"}, {"contents": "write", "pull_requests": "read"}, {}]
)
def test_a_token_that_only_reads_is_a_note(place: Place, access: dict[str, str]) -> None:
    token = place.server.token(**access)  # type: ignore[arg-type]
    assert [note.why for note in place.publish(token=token).notes][-1] in ("forbidden", "gone")
    assert place.bodies() == []


def test_a_token_that_nobody_knows_is_a_note(place: Place) -> None:
    unknown = place.publish(token="ghs_none")  # noqa: S106
    assert [note.why for note in unknown.notes] == ["forbidden"]


def test_pictures_are_kept_by_a_ref_of_the_head_alone(place: Place) -> None:
    made = place.publish(images=IMAGES)
    assert made.notes == ()
    place.push(NEW)
    place.publish(NEW, run=2, images=IMAGES)
    (ref,) = place.refs()
    assert ref == f"refs/lineage-diff/pr-1/lineage-diff/{NEW[:12]}"
    commit = place.server.state.repositories[NAME].store.text("rev-parse", ref)
    url = f"{place.server.url}/{NAME}/blob/{commit}/graph-light.png?raw=true"
    assert place.bodies()[0].endswith(f"About {NEW}, {url}\n")


def test_where_pictures_may_not_be_hosted_the_comment_does_without(place: Place) -> None:
    token = place.token("reader", pull_requests="write", contents="read")
    made = place.publish(images=IMAGES, token=token)
    assert made.done == "created"
    assert [(note.what, note.why) for note in made.notes] == [("images", "forbidden")]
    assert place.bodies()[0].endswith("mermaid\n")
    before = len(place.server.log)
    assert place.publish(run=2, images=IMAGES, token=token).done == "unchanged"
    assert place.writes(before) == []


def test_a_lock_of_a_run_that_was_killed_is_broken(place: Place) -> None:
    place.publish()
    place.push(NEW)
    place.server.faults.on("DELETE", r".*/reactions/\d+", error(500), times=None)
    assert place.publish(NEW, run=2).done == "updated"
    assert len(place.server.state.reactions) == 1
    place.server.faults.clear()
    place.push(OLD)
    assert place.publish(OLD, run=3).done == "updated"
    assert not place.server.state.reactions


def test_an_id_that_no_marker_can_hold_is_refused(place: Place) -> None:
    with pytest.raises(ValueError, match="-->"):
        publish_comment(place.github(), target(name="x --> y"), comment_of(OLD))
