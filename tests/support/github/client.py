"""PyGithub for the stand-in."""

from github import Auth, Github

from tests.support.github.server import GitHubServer


def client(server: GitHubServer, token: str) -> Github:
    """Return PyGithub that asks as that token, at once and once only."""
    return Github(
        base_url=server.api_url,
        auth=Auth.Token(token),
        retry=None,
        seconds_between_requests=0,
        seconds_between_writes=0,
    )
