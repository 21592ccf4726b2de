"""Read the server and name of a repository from a Git URL, of any forge, without credentials.

The forms of a URL are those of `git help clone`: `ssh://`, `git://`, `http(s)://`, and the short
form of SSH, `user@host:path`. Azure DevOps has one path for HTTPS and another one for SSH.
"""

import re

from msgspec import Struct

_HOST = r"(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)"
_PATH = r"(?P<path>[A-Za-z0-9._~+%/-]{1,1000})"
_URL = re.compile(
    rf"(?P<scheme>https?|ssh|git|git\+ssh)://(?:[^/@]*@)*{_HOST}(?P<port>:\d{{1,5}})?/{_PATH}",
    re.ASCII,
)
_SCP = re.compile(rf"(?:[^/@:]+@)?{_HOST}:(?!//){_PATH}", re.ASCII)
# `host/owner/name`, as people write it.
_PLAIN = re.compile(rf"{_HOST}(?P<port>:\d{{1,5}})?/{_PATH}", re.ASCII)
_AZURE_SSH = "ssh.dev.azure.com"
_AZURE = "dev.azure.com"


class RemoteAddress(Struct, frozen=True):
    """A repository on a server: `host` in lower case, and its path there, `owner/name` on GitHub.

    `web` is the address of its page, without a final `/`. Neither has credentials, and only `web`
    has a port.
    """

    host: str
    name: str
    web: str

    @property
    def id(self) -> str:
        """The host with the name, `github.com/owner/name`."""
        return f"{self.host}/{self.name}"


def remote_address(url: str) -> RemoteAddress | None:
    """Return the server and name of a repository in a Git URL, `None` for a path on this disk.

    URLs of one repository by HTTPS and by SSH give the same `host` and `name`.
    """
    match = _URL.fullmatch(url) or _SCP.fullmatch(url)
    # Windows' drives look like hosts.
    return None if match is None or len(match["host"]) == 1 else _address(match)


def written_address(text: str) -> RemoteAddress | None:
    """Return the repository that a person wrote, as a Git URL or as `HOST/OWNER/NAME`."""
    match = _PLAIN.fullmatch(text)
    if match is not None and "." in match["host"]:
        return _address(match)
    return remote_address(text)


def _address(match: re.Match[str]) -> RemoteAddress | None:
    parts = match.groupdict()
    host = parts["host"].lower()
    segments = parts["path"].strip("/").removesuffix(".git").split("/")
    if not _is_a_name(segments):
        return None
    if host == _AZURE_SSH and len(segments) == 4:
        host, segments = _AZURE, [*segments[1:3], "_git", segments[3]]
    name = "/".join(segments)
    scheme, port = "https", ""
    if parts.get("scheme") in ("http", "https"):
        scheme, port = parts["scheme"], parts["port"] or ""
    return RemoteAddress(host, name, f"{scheme}://{host}{port}/{name}")


def _is_a_name(segments: list[str]) -> bool:
    return all(segment not in ("", ".", "..") for segment in segments)
