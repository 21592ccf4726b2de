"""What GitHub serves besides its API: files of public repositories, and Git itself."""

import mimetypes
import os
import re
import subprocess
from base64 import b64encode
from urllib.parse import unquote

from tests.support.git_repo import git_environment
from tests.support.github.exchange import Request, Response
from tests.support.github.objects import NoSuchObjectError
from tests.support.github.records import Repository
from tests.support.github.state import State
from tests.support.github.tokens import Token

_GIT = re.compile(r"/([^/]+/[^/]+?)(?:\.git)?(/info/refs|/git-upload-pack|/git-receive-pack)\Z")
_BLOB = re.compile(r"/([^/]+/[^/]+)/(blob|raw)/([^/]+)/(.+)\Z")
_NOT_FOUND = Response(404, (("Content-Type", "text/plain"),), b"Not Found")
_SERVICE = "git-upload-pack"


def answer_web(request: Request, state: State, tokens: dict[str, Token]) -> Response:
    """Answer with a file, or as Git's smart HTTP does; 404 for all else."""
    if found := _GIT.match(request.path):
        repository = state.repositories.get(unquote(found[1]))
        return _git(request, repository, found[2], tokens)
    if found := _BLOB.match(request.path):
        repository = state.repositories.get(unquote(found[1]))
        # No session comes with a request for a picture: of a private repository there is nothing.
        if repository is not None and not repository.private:
            return _file(request, repository, found[2], found[3], unquote(found[4]))
    return _NOT_FOUND


def _file(request: Request, repository: Repository, view: str, commit: str, path: str) -> Response:
    """`/blob/…?raw=true` sends the client to `/raw/…`, which is the file itself."""
    if view == "blob":
        if request.query != "raw=true":
            return _NOT_FOUND
        return Response(302, (("Location", request.path.replace("/blob/", "/raw/", 1)),))
    try:
        content = repository.store.read("blob", f"{commit}:{path}")
    except NoSuchObjectError:
        return _NOT_FOUND
    kind = mimetypes.guess_type(path)[0] or "text/plain"
    kind = kind if kind.startswith("image/") else "text/plain; charset=utf-8"
    return Response(200, (("Content-Type", kind), ("X-Content-Type-Options", "nosniff")), content)


def _git(
    request: Request, repository: Repository | None, rest: str, tokens: dict[str, Token]
) -> Response:
    """Git's own `git http-backend`, for fetching alone."""
    asks_who = Response(401, (("WWW-Authenticate", 'Basic realm="GitHub"'),))
    token = tokens.get(request.client)
    if request.client and token is None:
        return asks_who
    if repository is None or (repository.private and token is None):
        return asks_who if token is None else _NOT_FOUND
    if token is not None and not token.may("read", repository, "contents"):
        return _NOT_FOUND
    if rest == "/git-receive-pack" or request.query not in ("", f"service={_SERVICE}"):
        return Response(403, (("Content-Type", "text/plain"),), b"Write access not granted.")
    return _http_backend(request, repository, rest)


# GitHub gives any commit that it has, and takes filters.
_SETTINGS = (("uploadpack.allowAnySHA1InWant", "true"), ("uploadpack.allowFilter", "true"))


def _http_backend(request: Request, repository: Repository, rest: str) -> Response:
    repository.store.refs("")
    run = subprocess.run(
        ("git", "http-backend"),
        env=git_environment()
        | {
            "GIT_PROJECT_ROOT": os.fspath(repository.store.path),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
            "PATH_INFO": rest,
            "QUERY_STRING": request.query,
            "REQUEST_METHOD": request.method,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(request.body)),
            "GIT_CONFIG_COUNT": str(len(_SETTINGS) + 1),
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
        }
        | {f"GIT_CONFIG_KEY_{n}": name for n, (name, _) in enumerate(_SETTINGS, 1)}
        | {f"GIT_CONFIG_VALUE_{n}": value for n, (_, value) in enumerate(_SETTINGS, 1)},
        input=request.body,
        capture_output=True,
        # What it refuses it says in its answer.
        check=False,
    )
    head, _, body = run.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    status = int(headers.pop("Status", "200").partition(" ")[0])
    return Response(status, tuple(headers.items()), body)


def basic_authorization(token: str) -> str:
    """Return the `Authorization` that Git is to send for a token, as actions/checkout has it."""
    return f"basic {b64encode(f'x-access-token:{token}'.encode()).decode()}"
