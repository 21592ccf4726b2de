"""Name the repository that a report is about."""

from lineage_diff.git.remote_address import RemoteAddress, written_address
from lineage_diff.git.repository import GitRepository
from lineage_diff.lineage.policy import Policy
from lineage_diff.report.report import Repository


def address_of(repository: GitRepository, policy: Policy) -> RemoteAddress | None:
    """Return the configured address, else that of the remote `origin`; `None` if unknown."""
    if policy.repository is not None:
        return written_address(policy.repository)
    return repository.remote_address()


def describe_repository(repository: GitRepository, policy: Policy) -> Repository:
    """Return name and GitHub server for a report.

    Links lead to the server, so it is that of `origin` alone, and `None` if the configuration
    gives the repository another name.
    """
    address, origin = address_of(repository, policy), repository.remote_address()
    server = repository.remote_server() if address == origin else None
    return Repository(address.name if address is not None else None, server)
