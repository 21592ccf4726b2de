"""A process of its own that reads objects of DVC's storage: one a line, one answer a line.

DVC's own classes find the cache and the remote (`dvc.config.Config`, `dvc.data_cloud.DataCloud`)
and read from them (`dvc_objects.fs`). Whoever started this process ends it when it is too slow,
which no plugin of a storage promises to be by itself.
"""

import base64
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

# What runs a command or asks a person; a committed file must do neither.
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
_HTTP_REFUSED = (401, 403, 407)
# Where the errors of aiohttp, gcsfs and webdav4 have the status.
_STATUS = ("status", "code", "status_code")


class RedirectedError(Exception):
    """A server sends its reader to another one, which nobody has named."""


def main() -> None:
    """Answer `{"project", "algorithm", "value", "remote", "most", "cache_only"}` on each line.

    The first line holds the projects: the text of their committed configuration and of the one
    in the work tree, their `.dvc` folder, and whether what lies in it is the user's own. An object
    is `{"content": base64}`. Where there is none, `failed` says how: `missing`, `too-large`,
    `refused`, `redirected`, `no-plugin`, `no-remote`, `other-address`, `config`, or `failed`;
    `detail` is the kind of storage without a plugin, or the name of the error.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    end_with_parent()
    # What a plugin prints is no answer.
    os.dup2(2, 1)
    projects = {name: _Project(**told) for name, told in json.loads(sys.stdin.readline()).items()}
    for line in sys.stdin:
        order = json.loads(line)
        answers.write(json.dumps(projects[order.pop("project")].answer(**order)) + "\n")
        answers.flush()


class _Project:
    """One DVC project: its cache, and its remotes as they are first asked for."""

    def __init__(self, config: str | None, here: str | None, folder: str, own: bool) -> None:
        self._text = config
        self._here = here
        self._folder = folder
        self._own = own
        self._config: Any = None
        self._stores: dict[tuple[str | None, str], Any] = {}

    def answer(
        self, algorithm: str, value: str, remote: str | None, most: int, cache_only: bool
    ) -> dict[str, str]:
        """Look for an object in the cache, and then in the remote."""
        name = remote
        try:
            config = self._configuration()
            name = remote or config["core"].get("remote")
            try:
                content = _read(self._cache(algorithm), value, most)
            except OSError:
                content = None
            if content is None:
                if cache_only:
                    return {"failed": "missing"}
                content = _read(self._store(name, algorithm), value, most)
        except Exception as error:  # Whatever a plugin raises, the next one is read.
            failure = _failure(error)
            if failure["failed"] == "no-plugin":
                failure["detail"] = self._scheme(name)
            return {**failure, **({"remote": name} if name else {})}
        if content is None:
            return {"failed": "missing", **({"remote": name} if name else {})}
        if len(content) > most:
            return {"failed": "too-large"}
        return {"content": base64.b64encode(content).decode()}

    def _configuration(self) -> Any:
        if self._config is None:
            # Saves DVC where the worker is asked for nothing that needs it.
            from dvc.config import Config

            own = self._folder if self._own else None
            self._config = Config(self._folder, own, fs=_Committed(self._text))
        return self._config

    def _configuration_for(self, name: str | None) -> Mapping[str, Any]:
        """Return the configuration to ask one remote with, the default one without a `name`."""
        # Saves DVC where the worker is asked for nothing that needs it.
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
        """Return the remotes of the work tree's configuration, none where DVC refuses it."""
        # Saves DVC where the worker is asked for nothing that needs it.
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
        # Saves DVC where the worker is asked for nothing that needs it.
        from dvc.data_cloud import Remote
        from dvc.fs import LocalFileSystem

        folder = self._configuration()["cache"].get("dir") or Path(self._folder, "cache")
        return _of_algorithm(Remote("cache", os.fspath(folder), LocalFileSystem()), algorithm)

    def _store(self, name: str | None, algorithm: str) -> Any:
        # Saves DVC where the worker is asked for nothing that needs it.
        from dvc.data_cloud import DataCloud

        key = name, algorithm
        if key not in self._stores:
            cloud = DataCloud(
                SimpleNamespace(
                    config=self._configuration_for(name), site_cache_dir=None, data_index=None
                )
            )
            store = cloud.get_remote_odb(name, "fetch", hash_name=algorithm)
            _hold_to_host(store.fs)
            self._stores[key] = store
        return self._stores[key]


class _Committed:
    """The file system in which DVC's configuration finds its committed file, and nothing else."""

    def __init__(self, text: str | None) -> None:
        self._text = text

    def abspath(self, path: str) -> str:
        """Return the path of the `.dvc` folder: it is absolute."""
        return path

    def join(self, *parts: str) -> str:
        """Join parts of a path of this machine."""
        return str(Path(*parts))

    @contextmanager
    def open(self, path: str) -> Iterator[IO[str]]:
        """Open the committed file."""
        if self._text is None:
            raise FileNotFoundError(path)
        yield io.StringIO("\n".join(committed(self._text).write()))


def committed(text: str) -> Any:
    """Return a committed configuration without what would run a command or ask a person."""
    # Saves configobj where no configuration was committed.
    from configobj import ConfigObj

    found = ConfigObj(io.StringIO(text))
    for section in found.sections:
        for key in list(found[section]):
            if key.lower() in _ACTIVE:
                del found[section][key]
    return found


def _of_algorithm(remote: Any, algorithm: str) -> Any:
    # Where `DataCloud.get_remote_odb` looks, for a cache.
    return remote.odb if algorithm == "md5" else remote.legacy_odb


def _read(store: Any, value: str, most: int) -> bytes | None:
    """Return at most one byte more than asked for, `None` where the store has no such object."""
    path = store.oid_to_path(value)
    options: dict[str, Any] = {}
    if store.fs.protocol == "local":
        if not Path(path).is_file():
            return None
    elif store.fs.protocol in ("http", "https"):
        # With a size, and no blocks, the file is one stream, which nothing is asked before.
        options = {"block_size": 0, "size": 1}
    parts = []
    left = most + 1
    try:
        with store.fs.open(path, "rb", **options) as file:
            while left > 0 and (part := file.read(left)):
                parts.append(part)
                left -= len(part)
    except FileNotFoundError:
        return None
    return b"".join(parts)


def _hold_to_host(fs: Any) -> None:
    """Refuse redirects to another host, port or scheme: they would see what we ask for."""
    if fs.protocol in ("webdav", "webdavs"):
        fs.fs_args["event_hooks"] = {"response": [_refuse_to_leave]}
    if fs.protocol not in ("http", "https"):
        return
    # Saves aiohttp for a remote that is not HTTP.
    import aiohttp
    from yarl import URL

    async def redirected(_session: Any, _context: Any, told: Any) -> None:
        if told.url.join(URL(told.response.headers.get("Location", ""))).origin() != (
            told.url.origin()
        ):
            raise RedirectedError

    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(redirected)
    fs.fs_args["client_kwargs"]["trace_configs"] = [trace]


def _refuse_to_leave(response: Any) -> None:
    """Look at an answer to `httpx`, by which WebDAV is spoken."""
    if response.has_redirect_location:
        here = response.request.url
        there = here.join(response.headers["Location"])
        if (there.scheme, there.host, there.port) != (here.scheme, here.host, here.port):
            raise RedirectedError


def _failure(error: BaseException) -> dict[str, str]:
    """Tell how reading failed, without a word of a plugin's own: it may hold an address."""
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) and len(chain) < 10:
        chain.append(cause)
    names = [type(item).__name__ for item in chain]
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
