"""Time `compare --check pushed` beside DVC's own commands, on one HTTP server.

    python bench/pushed.py [--outs 1000] [--changed 3] [--latency 0.02]

A repository has many `.dvc` files, of which a few change. lineage-diff asks the remote for the
versions that changed, DVC's commands ask for all of them. Whole processes, start-up included, in
turn. Prints the ratios and the requests, and keeps them in bench/RESULTS.md. Exit code 1 when
lineage-diff is less than ten times as fast as `dvc data status --not-in-remote`.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.measure import in_turn, keep, ours, run

_WANTED = 10.0
_DVC = [sys.executable, "-m", "dvc"]
_SAME_QUESTION = "dvc data status --not-in-remote"
_BY_DVC = {
    _SAME_QUESTION: [*_DVC, "data", "status", "--not-in-remote"],
    "dvc status --cloud": [*_DVC, "status", "--cloud"],
}


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--outs", type=int, default=1_000)
    parser.add_argument("--changed", type=int, default=3)
    parser.add_argument("--latency", type=float, default=0.02, help="seconds for each answer")
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, _serve(given.latency) as server:
        repo = Path(folder) / "repo"
        _generate(repo, given.outs, given.changed, server.url)
        check = ours("compare", "HEAD~1", "HEAD", "--check", "pushed", repo=repo)
        commands = {"lineage-diff compare --check pushed": check, **_BY_DVC}
        requests = {name: _requests(server, command, repo) for name, command in commands.items()}
        costs = dict(
            zip(commands, in_turn(list(commands.values()), repo, given.repeat), strict=True)
        )
    (mine, *_), rows = (
        costs.values(),
        ["| Command | requests | seconds | ratio |", "|:--|--:|--:|--:|"],
    )
    for name, cost in costs.items():
        ratio = f"**{cost.seconds / mine.seconds:.1f} ×**" if cost is not mine else ""
        rows.append(f"| `{name}` | {requests[name]:,} | {cost.seconds:.2f} | {ratio} |")
    title = (
        f"{given.outs:,} outs, {given.changed} changed, all in the remote; an HTTP server on the "
        f"same machine that answers after {given.latency * 1000:.0f} ms."
    )
    text = "\n".join([title, "", *rows])
    print(text)
    keep("pushed", text)
    if costs[_SAME_QUESTION].seconds / mine.seconds >= _WANTED:
        return 0
    print(f"missed: less than {_WANTED:.0f} times as fast as {_SAME_QUESTION}", file=sys.stderr)
    return 1


class _Server(ThreadingHTTPServer):
    """Answers every request for an object with a few bytes, and counts them."""

    requests = 0

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that hang up: they do so after the headers."""

    @property
    def url(self) -> str:
        """The address of the remote."""
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def _serve(latency: float) -> Iterator[_Server]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.server.requests += 1  # type: ignore[attr-defined]
            time.sleep(latency)
            self.send_response(200)
            self.send_header("Content-Length", "1")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(b"x")

        do_GET = _answer  # noqa: N815  # the name that the library calls
        do_HEAD = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def _requests(server: _Server, command: list[str], repo: Path) -> int:
    before = server.requests
    run(command, repo)
    return server.requests - before


def _generate(repo: Path, outs: int, changed: int, url: str) -> None:
    """Write two commits with `.dvc` files; between them the content of some changes."""
    repo.mkdir()
    (repo / ".dvc").mkdir()
    (repo / ".dvc/config").write_text(
        f"[core]\n    remote = web\n['remote \"web\"']\n    url = {url}\n", encoding="utf-8"
    )
    _git(repo, "init", "-q", "-b", "main")
    for name, many, version in (("all", outs, 1), ("some", changed, 2)):
        for number in range(many):
            value = hashlib.md5(f"{number} {version}".encode(), usedforsecurity=False).hexdigest()
            out = f"- md5: {value}\n  size: 1\n  hash: md5\n  path: {number}.csv\n"
            (repo / f"{number}.csv.dvc").write_text(f"outs:\n{out}", encoding="utf-8")
        _git(repo, "add", ".")
        _git(repo, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", name)


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True)


if __name__ == "__main__":
    sys.exit(main())
