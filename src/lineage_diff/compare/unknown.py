"""What cannot be told of a change."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that Git objects alone cannot tell, and why."""

    subject: str
    reason: str
