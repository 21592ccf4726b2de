"""The stand-in for GitHub itself: the real PyGithub against it, and what it holds us to."""

from github import Auth, Github

from tests.support.github import GitHubServer

HEAD = "a" * 40


def client(server: GitHubServer, token: str) -> Github:
    return Github(
        base_url=server.api_url,
        auth=Auth.Token(token),
        retry=None,
        seconds_between_requests=0,
        seconds_between_writes=0,
    )


def test_comments_live_and_die(github: GitHubServer) -> None:
    github.state.add_repository("octo/models")
    github.state.add_pull("octo/models", head_sha=HEAD)
    api = client(github, github.token(pull_requests="write"))
    pull = api.get_repo("octo/models").get_pull(1)
    comment = pull.create_issue_comment("One")
    comment.edit("Two")
    assert [one.body for one in pull.get_issue_comments()] == ["Two"]
    comment.create_reaction("eyes")
    (reaction,) = comment.get_reactions()
    assert comment.delete_reaction(reaction.id)
    assert comment.html_url == f"{github.url}/octo/models/pull/1#issuecomment-{comment.id}"
    comment.delete()
    assert github.state.comments_of("octo/models", 1) == []
