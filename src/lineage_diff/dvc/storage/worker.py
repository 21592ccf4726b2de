"""A separate process that reads objects of DVC's storage: one request a line.

DVC's own classes find the cache and the remote (`dvc.config.Config`, `dvc.data_cloud.DataCloud`)
and read from them (`dvc_objects.fs`). The parent process ends this one when it is too slow: no
storage plugin guarantees a timeout.
"""

import base64
import hashlib
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

from lineage_diff.child_processes import end_with_parent
from lineage_diff.dvc.storage.own_settings import remotes_to_ask
from lineage_diff.dvc.storage.presence_worker import (
    NoStoreError,
    find_present,
    is_versioned,
    missing_versions,
)

# Settings that run a command or prompt the user; a committed file must do neither.
_ACTIVE = frozenset(("bearer_token_command", "ask_password", "ask_passphrase"))
_REFUSED = frozenset(
    (
        "AuthError",
        "ClientAuthenticationError",
        "CredentialRetrievalError",
        "DefaultCredentialsError",
        "HostKeyNotVerifiable",
        "NoCredentialsError",
        "PartialCredentialsError",
        "PermissionDenied",
        "PermissionError",
        "ProfileNotFound",
    )
)
_MISSING = frozenset(("ImportError", "ModuleNotFoundError", "RemoteMissingDepsError"))
_MD5 = "md5"
# Bytes that are read at once for a digest.
_PART = 1 << 20
_HTTP_REFUSED = (401, 403, 407)
# The attributes with the HTTP status in the errors of aiohttp, gcsfs and webdav4.
_STATUS = ("status", "code", "status_code")


class RedirectedError(Exception):
    """A server redirects to another server, which is not configured."""


def main() -> None:
    """Answer the requests of `StorageClient`, one a line.

    The first line has the projects: the text of their committed configuration and of the one in
    the work tree, their `.dvc` folder, and whether its files are the user's own.

    `{"project", "algorithm", "value", "remote", "most", "cache_only"}` reads an object, and the
    answer is `{"content": base64}`. With `digest_of`, the value of an object of DVC 3, the answer
    is `{"md5", "sha256", "size"}` of all its bytes. With `values` instead of one `value`, the
    remote is asked which of them it has, in their order; the answers are lines of `{"asked":
    number, "missing": values, "remote": name, "more": true}`, and one without `more` at the end.
    With `versions`, pairs of a path and a version, a bucket with versions is asked for these, and
    the answer has the paths.

    In a failed answer `failed` is the kind of failure: `missing`, `too-large`, `refused`,
    `redirected`, `no-plugin`, `no-remote`, `no-store`, `versioned`, `other-address`, `config`, or
    `failed`; `detail` is the type of the storage without a plugin, or the name of the error.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    end_with_parent()
    # Keep the output of plugins out of the answers.
    os.dup2(2, 1)
    settings = json.loads(sys.stdin.readline())
    projects = {name: _Project(**values) for name, values in settings.items()}
    for line in sys.stdin:
        order = json.loads(line)
        project = projects[order.pop("project")]
        for answer in project.answers(order):
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


class _Project:
    """One DVC project: its cache, and its remotes, opened when first needed."""

    def __init__(self, config: str | None, here: str | None, folder: str, own: bool) -> None:
        self._text = config
        self._here = here
        self._folder = folder
        self._own = own
        self._config: Any = None
        self._stores: dict[tuple[str | None, str], Any] = {}

    def answers(self, order: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the answers to a request."""
        name = order.pop("remote")
        try:
            name = name or self._configuration()["core"].get("remote")
            if "versions" in order:
                yield self._look_for_versions(name, **order)
            elif "digest_of" in order:
                yield self._digest(name, **order)
            elif "values" in order:
                yield from self._look_for(name, **order)
            else:
                yield self._read(name, **order)
        except Exception as error:  # A plugin may raise anything; go on with the next request.
            yield self._failure(error, name)

    def _read(
        self, remote: str | None, algorithm: str, value: str, most: int, cache_only: bool
    ) -> dict[str, str]:
        """Look for an object in the cache, and then in the remote."""
        try:
            content = _read(self._cache(algorithm), value, most)
        except OSError:
            content = None
        if content is None:
            if cache_only:
                return {"failed": "missing"}
            content = _read(self._store(remote, algorithm), value, most)
        if content is None:
            return {"failed": "missing", **({"remote": remote} if remote else {})}
        if len(content) > most:
            return {"failed": "too-large"}
        return {"content": base64.b64encode(content).decode()}

    def _digest(self, remote: str | None, digest_of: str, cache_only: bool) -> dict[str, Any]:
        """Read an object of DVC 3 for its digests, from the cache or else from the remote."""
        try:
            found = _digests(self._cache(_MD5), digest_of)
        except OSError:
            found = None
        if found is None and not cache_only:
            found = _digests(self._store(remote, _MD5), digest_of)
        return found or {"failed": "missing", **({"remote": remote} if remote else {})}

    def _look_for(
        self, remote: str | None, algorithm: str, values: list[str]
    ) -> Iterator[dict[str, Any]]:
        """Yield which objects the remote has, part by part; the cache does not count."""
        if is_versioned(self._cloud(remote).get_remote(remote)):
            yield {"failed": "versioned", "remote": remote}
            return
        for asked, found in find_present(self._store(remote, algorithm), values):
            missing = sorted(set(asked).difference(found))
            yield {"asked": len(asked), "missing": missing, "remote": remote, "more": True}
        yield {"asked": 0, "missing": [], "remote": remote}

    def _look_for_versions(
        self, remote: str | None, versions: list[tuple[str, str]]
    ) -> dict[str, Any]:
        """Return which versions of files a versioned bucket has; paths start at the project."""
        store = self._cloud(remote).get_remote(remote)
        _hold_to_host(store.fs)
        missing = missing_versions(store, versions)
        return {"asked": len(versions), "missing": missing, "remote": remote}

    def _failure(self, error: Exception, name: str | None) -> dict[str, str]:
        failure = _failure(error)
        if failure["failed"] == "no-plugin":
            failure["detail"] = self._scheme(name)
        return {**failure, **({"remote": name} if name else {})}

    def _configuration(self) -> Any:
        if self._config is None:
            # Imported here: a worker may need only part of DVC.
            from dvc.config import Config

            own = self._folder if self._own else None
            self._config = Config(self._folder, own, fs=_Committed(self._text))
        return self._config

    def _configuration_for(self, name: str | None) -> Mapping[str, Any]:
        """Return the configuration for one remote, for the default one without a `name`."""
        # Imported here: a worker may need only part of DVC.
        from dvc.config import merge

        config = self._configuration()
        wanted = str(name or config["core"].get("remote") or "").lower()
        own: dict[str, Any] = {}
        for level in ("system", "global", "local"):
            if level in config.files:
                merge(own, config.load_one(level)["remote"])
        committed = config.load_one("repo")["remote"]
        here = self._remotes_here() if own else {}
        return {**config, "remote": remotes_to_ask(wanted, config["remote"], committed, here, own)}

    def _remotes_here(self) -> Mapping[str, Any]:
        """Return the remotes of the work tree's configuration, none if DVC refuses it."""
        # Imported here: a worker may need only part of DVC.
        from dvc.config import Config, ConfigError

        try:
            found = Config(self._folder, validate=False, fs=_Committed(self._here))
            remotes: Mapping[str, Any] = found.load_one("repo")["remote"]
        except ConfigError:
            return {}
        return remotes

    def _scheme(self, name: str | None) -> str:
        url = str(self._configuration()["remote"].get(name, {}).get("url", ""))
        return url.partition("://")[0].lower()

    def _cache(self, algorithm: str) -> Any:
        # Imported here: a worker may need only part of DVC.
        from dvc.data_cloud import Remote
        from dvc.fs import LocalFileSystem

        folder = self._configuration()["cache"].get("dir") or Path(self._folder, "cache")
        return _of_algorithm(Remote("cache", os.fspath(folder), LocalFileSystem()), algorithm)

    def _store(self, name: str | None, algorithm: str) -> Any:
        key = name, algorithm
        if key not in self._stores:
            store = self._cloud(name).get_remote_odb(name, "fetch", hash_name=algorithm)
            _hold_to_host(store.fs)
            self._stores[key] = store
        return self._stores[key]

    def _cloud(self, name: str | None) -> Any:
        # Imported here: a worker may need only part of DVC.
        from dvc.data_cloud import DataCloud

        config = self._configuration_for(name)
        return DataCloud(SimpleNamespace(config=config, site_cache_dir=None, data_index=None))


class _Committed:
    """A file system for DVC's configuration that contains only the committed file."""

    def __init__(self, text: str | None) -> None:
        self._text = text

    def abspath(self, path: str) -> str:
        """Return the path of the `.dvc` folder, which is absolute."""
        return path

    def join(self, *parts: str) -> str:
        """Join parts of a path of this machine."""
        return str(Path(*parts))

    @contextmanager
    def open(self, path: str) -> Iterator[IO[str]]:
        """Open the committed file."""
        if self._text is None:
            raise FileNotFoundError(path)
        yield io.StringIO("\n".join(restrict_settings(self._text).write()))


def restrict_settings(text: str) -> Any:
    """Return a committed configuration without settings that run a command or prompt."""
    # Imported here: a project may have no committed configuration.
    from configobj import ConfigObj

    found = ConfigObj(io.StringIO(text))
    for section in found.sections:
        for key in list(found[section]):
            if key.lower() in _ACTIVE:
                del found[section][key]
    return found


def _of_algorithm(remote: Any, algorithm: str) -> Any:
    # As `DataCloud.get_remote_odb` chooses, here also for a cache.
    return remote.odb if algorithm == "md5" else remote.legacy_odb


def _read(store: Any, value: str, most: int) -> bytes | None:
    """Return at most `most` + 1 bytes of an object, `None` if the store does not have it."""
    parts = []
    left = most + 1
    try:
        with _opened(store, value) as file:
            while left > 0 and (part := file.read(left)):
                parts.append(part)
                left -= len(part)
    except FileNotFoundError:
        return None
    return b"".join(parts)


def _digests(store: Any, value: str) -> dict[str, Any] | None:
    """Return the digests and the size of an object, `None` if the store does not have it."""
    md5, sha256, size = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0
    try:
        with _opened(store, value) as file:
            while part := file.read(_PART):
                md5.update(part)
                sha256.update(part)
                size += len(part)
    except FileNotFoundError:
        return None
    return {"md5": md5.hexdigest(), "sha256": sha256.hexdigest(), "size": size}


@contextmanager
def _opened(store: Any, value: str) -> Iterator[IO[bytes]]:
    """Open an object. Raises `FileNotFoundError` if the store does not have it."""
    path = store.oid_to_path(value)
    options: dict[str, Any] = {}
    if store.fs.protocol == "local":
        if not Path(path).is_file():
            raise FileNotFoundError(path)
    elif store.fs.protocol in ("http", "https"):
        # With a size and no blocks, the file is one stream, without a request for its size first.
        options = {"block_size": 0, "size": 1}
    with store.fs.open(path, "rb", **options) as file:
        yield file


def _hold_to_host(fs: Any) -> None:
    """Refuse redirects to another host, port or scheme, which would see our requests."""
    if fs.protocol in ("webdav", "webdavs"):
        fs.fs_args["event_hooks"] = {"response": [_refuse_to_leave]}
    if fs.protocol not in ("http", "https"):
        return
    # Imported here: only an HTTP remote needs aiohttp.
    import aiohttp
    from yarl import URL

    async def redirected(_session: Any, _context: Any, event: Any) -> None:
        location = URL(event.response.headers.get("Location", ""))
        if event.url.join(location).origin() != event.url.origin():
            raise RedirectedError

    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(redirected)
    fs.fs_args["client_kwargs"]["trace_configs"] = [trace]


def _refuse_to_leave(response: Any) -> None:
    """Check a response of `httpx`, the client for WebDAV."""
    if response.has_redirect_location:
        here = response.request.url
        there = here.join(response.headers["Location"])
        if (there.scheme, there.host, there.port) != (here.scheme, here.host, here.port):
            raise RedirectedError


def _failure(error: BaseException) -> dict[str, str]:
    """Return the kind of failure, without the plugin's own message: it may have an address."""
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) and len(chain) < 10:
        chain.append(cause)
    names = [type(item).__name__ for item in chain]
    if isinstance(error, NoStoreError):
        return {"failed": "no-store"}
    if "RedirectedError" in names:
        return {"failed": "redirected"}
    if "OtherAddressError" in names:
        return {"failed": "other-address"}
    if not _MISSING.isdisjoint(names):
        return {"failed": "no-plugin"}
    if "NoRemoteError" in names or "RemoteNotFoundError" in names:
        return {"failed": "no-remote"}
    if not _REFUSED.isdisjoint(names) or any(
        getattr(item, name, None) in _HTTP_REFUSED for item in chain for name in _STATUS
    ):
        return {"failed": "refused"}
    if "ConfigError" in names or "RemoteConfigError" in names:
        return {"failed": "config"}
    return {"failed": "failed", "detail": names[0]}
