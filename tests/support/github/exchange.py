"""A request and a response over HTTP, with nothing yet known of GitHub."""

from base64 import b64decode
from dataclasses import dataclass
from email.message import Message


@dataclass(frozen=True, slots=True)
class Request:
    """What came: `path` is as it was sent, percent-encoded, without the query string."""

    method: str
    path: str
    query: str
    headers: Message
    body: bytes

    @property
    def client(self) -> str:
        """The token it came with, however it is written; empty where there is none."""
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "basic":
            return b64decode(value).decode().partition(":")[2]
        return value.strip() if scheme.lower() in ("bearer", "token") else ""


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back. `Content-Length` is added when it is sent."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
