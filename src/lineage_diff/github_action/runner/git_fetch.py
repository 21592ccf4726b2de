"""Commits that the checkout lacks, fetched by Git into a repository of their own.

The checkout is never written to: its files belong to another user than the container's, and later
steps look at it. What Git is told comes from us alone: no settings of the machine, no hooks, no
credential helpers, no submodules, no redirects, one address, no prompts, a limit of time. The token
travels in the environment, as actions/checkout sends it: never in an argument, a file or an error.
"""

import os
import subprocess
import time
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from lineage_diff.child_processes import run_child
from lineage_diff.errors import InputError
from lineage_diff.git.process import git_missing

# For everything that a run fetches.
SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Source:
    """A repository on GitHub, by its address over HTTP."""

    url: str
    token: str | None = field(repr=False)


class Want(Struct, frozen=True):
    """A commit to fetch: the first of these refs or ids that the server gives.

    One that is not `needed` may be missing.
    """

    name: str
    sources: tuple[str, ...]
    needed: bool = True


class NotFetched(Exception):  # noqa: N818  # the error of a person is InputError
    """Git did not get it; the message is the last line that it wrote."""


def found_ref(index: int) -> str:
    """Return the ref under which `fetch` puts the want of that index."""
    return f"refs/found/{index}"


def make_store(folder: Path, source: Source, objects: str | None, have: str) -> None:
    """Make an empty repository to fetch into.

    With `objects`, the folder of a clone's objects that is complete from the commit `have` on,
    those are borrowed, so that only what is new travels. Raises `InputError` where Git cannot.
    """
    end = time.monotonic() + SECONDS
    environment = _environment(source)
    layout = "sha256" if len(have) == 64 else "sha1"
    init = ("init", "--quiet", "--bare", "--template=", f"--object-format={layout}", str(folder))
    try:
        _git(init, environment, end)
        if objects is not None:
            borrowed = folder / "objects" / "info" / "alternates"
            borrowed.parent.mkdir(exist_ok=True)
            borrowed.write_text(f"{objects}\n", encoding="utf-8")
            _git((f"--git-dir={folder}", "update-ref", "refs/known/0", have), environment, end)
    except NotFetched as error:
        raise InputError(
            f"Git cannot make a repository to fetch into: {error}",
            mend="Use Git 2.29 or newer, and see that the folder for temporary files has room.",
            file=str(folder),
        ) from error


def fetch(folder: Path, source: Source, wants: Sequence[Want], seconds: float = SECONDS) -> None:
    """Fetch each want with all its history, as `found_ref` names it.

    Raises `InputError` where one that is needed cannot be had.
    """
    end = time.monotonic() + seconds
    environment = _environment(source)
    for index, want in enumerate(wants):
        told = ""
        for name in want.sources:
            try:
                _git(_fetch(folder, source, name, index), environment, end)
                break
            except NotFetched as error:
                told = told or str(error)
        else:
            if want.needed:
                raise _cannot(want, told)


def _fetch(folder: Path, source: Source, name: str, index: int) -> tuple[str, ...]:
    return (
        f"--git-dir={folder}",
        "fetch",
        "--quiet",
        "--no-tags",
        "--no-recurse-submodules",
        "--no-write-fetch-head",
        "--no-auto-maintenance",
        "--end-of-options",
        source.url,
        f"+{name}:{found_ref(index)}",
    )


def _environment(source: Source) -> Mapping[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        # A trace would tell the token; the rest of them, where else to look. Certificates stay.
        if not name.startswith(("GIT_", "INPUT_")) or name.startswith("GIT_SSL_")
    }
    settings = [
        ("core.askPass", ""),
        ("core.hooksPath", os.devnull),
        ("credential.helper", ""),
        ("fetch.recurseSubmodules", "false"),
        ("gc.auto", "0"),
        ("http.followRedirects", "false"),
        ("maintenance.auto", "false"),
        ("submodule.recurse", "false"),
    ]
    if source.token is not None:
        basic = b64encode(f"x-access-token:{source.token}".encode()).decode()
        settings.append((f"http.{source.url}.extraHeader", f"Authorization: basic {basic}"))
    return {
        **kept,
        **{f"GIT_CONFIG_KEY_{index}": key for index, (key, _) in enumerate(settings)},
        **{f"GIT_CONFIG_VALUE_{index}": value for index, (_, value) in enumerate(settings)},
        "GIT_CONFIG_COUNT": str(len(settings)),
        "GIT_ALLOW_PROTOCOL": urlsplit(source.url).scheme,
        "GIT_ASKPASS": "",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }


def _git(args: Sequence[str], environment: Mapping[str, str], end: float) -> None:
    try:
        # A large repository takes Git minutes of work: its deadline bounds it. It leaves the
        # talking to a program of its own, which ends with its session.
        done = run_child(
            ("git", *args),
            seconds=max(end - time.monotonic(), 0.01),
            env=environment,
            own_session=True,
            bounded=False,
        )
    except FileNotFoundError as error:
        raise git_missing() from error
    except subprocess.TimeoutExpired as error:
        raise NotFetched("it took too long") from error
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise NotFetched(lines[-1].removeprefix("fatal: ") if lines else "Git failed")


def _cannot(want: Want, told: str) -> InputError:
    return InputError(
        f"{want.name} is not in the checkout and cannot be fetched: {told}",
        mend="Set `fetch-depth: 0` in actions/checkout, and give a `github_token` that may read "
        "the repository.",
    )
