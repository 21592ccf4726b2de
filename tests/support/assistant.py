"""A client of `lineage-diff mcp`: the protocol's own, with the server as a real process."""

import os
import stat
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import anyio
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from tests.support.git_repo import git_environment

T = TypeVar("T")
COMMAND = (sys.executable, "-m", "lineage_diff", "mcp")


def talk(
    repo: Path,
    talking: Callable[[Client], Awaitable[T]],
    *options: str,
    environment: Mapping[str, str] | None = None,
) -> T:
    """Start a server for the repository, and return what `talking` with it returns."""
    server = StdioServerParameters(
        command=COMMAND[0],
        args=[*COMMAND[1:], "--repo", str(repo), *options],
        env={**git_environment(), **(environment or {})},
    )

    async def main() -> T:
        async with Client(stdio_client(server)) as client:
            return await talking(client)

    return anyio.run(main)


def ask(repo: Path, tool: str, arguments: Mapping[str, Any], *options: str) -> Any:
    """Ask one question, and return the tool's result."""

    async def talking(client: Client) -> Any:
        return await client.call_tool(tool, dict(arguments))

    return talk(repo, talking, *options)


def slow_git(folder: Path) -> dict[str, str]:
    """Return an environment whose Git never ends, as long as the file `slow` is in the folder."""
    real = next(
        found
        for part in os.get_exec_path()
        if (found := Path(part) / "git").is_file() and Path(part) != folder
    )
    script = folder / "git"
    script.write_text(
        f'#!/bin/sh\n[ ! -e "{folder}/slow" ] || exec sleep 600\nexec "{real}" "$@"\n',
        encoding="utf-8",
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "SLOW_GIT": str(folder)}


def processes_with(text: str) -> list[int]:
    """Return the processes with a text in their environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if text.encode() in entry.read_bytes():
                found.append(int(entry.parent.name))
        except OSError:
            continue
    return sorted(found)
