"""Who asks, and what they may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tests.support.github.records import Repository, User

Access = Literal["none", "read", "write"]
Area = Literal["contents", "pull_requests", "issues", "checks", "actions"]


@dataclass(frozen=True, slots=True)
class Token:
    """A token. An app's (`user.is_app`, as the Action's own) has its permissions alone; a user's
    may also read all that is public, comment there, and change what is the user's own."""

    value: str
    user: User
    permissions: Mapping[Area, Access]
    repositories: frozenset[str] | None

    def reaches(self, repository: Repository) -> bool:
        """Say whether the token can see a repository that is private."""
        return self.repositories is None or repository.full_name in self.repositories

    def may(self, access: Access, repository: Repository, *areas: Area) -> bool:
        """Say whether it may read or write in any of the areas. What is public is for all to
        read."""
        if access == "read" and not repository.private:
            return True
        if not self.reaches(repository):
            return False
        enough = ("read", "write") if access == "read" else ("write",)
        return any(self.permissions.get(area, "none") in enough for area in areas)
