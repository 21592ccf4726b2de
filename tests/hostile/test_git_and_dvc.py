"""Hostile Git objects and DVC settings: nothing runs, nothing outside is read, nothing is asked."""

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.runs import COMMANDS, PIPELINE, can_run_without_route, pull_request, run, run_all
from tests.support.git_repo import GitRepo

OUTSIDE = "outside-the-repository-7431"


class _Canary(socketserver.TCPServer):
    calls = 0

    def process_request(self, request: object, client_address: object) -> None:
        self.calls += 1
        self.close_request(request)  # type: ignore[arg-type]


@pytest.fixture
def canary() -> Iterator[_Canary]:
    with _Canary(("127.0.0.1", 0), socketserver.BaseRequestHandler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    (tmp_path / "secret.yaml").write_text(f"lr: {OUTSIDE}\n")
    return pull_request(tmp_path / "repo")


def config(url: str) -> str:
    return (
        "[core]\n  remote = evil\n  site_cache_dir = /tmp/../tmp\n"
        f"['remote \"evil\"']\n  url = {url}\n"
        "  bearer_token_command = touch canary\n  ask_password = true\n"
    )


def hidden(repo: GitRepo) -> None:
    """Hold that no command tells the secret, or runs what makes the canary file."""
    for ended in run_all(repo):
        assert OUTSIDE not in ended.out + ended.err
    assert not (repo.path / "canary").exists()


@pytest.mark.parametrize("path", ["../secret.yaml", "{}/secret.yaml", "sub/../../secret.yaml"])
def test_no_path_leads_out(repo: GitRepo, path: str) -> None:
    out = path.format(repo.path.parent)
    repo.write(
        "dvc.yaml",
        f"vars: [{out}]\nparams: [{out}]\nmetrics: [{out}]\n"
        f"plots: [{{{out}: {{template: {out}}}}}]\n"
        f"stages:\n  train:\n    wdir: {out.rpartition('/')[0]}\n    cmd: x ${{lr}}\n"
        f"    params: [{out}: [lr]]\n    deps: [{out}]\n    metrics: [{out}]\n",
    )
    repo.commit()
    hidden(repo)


@pytest.mark.parametrize(
    "target", ["../secret.yaml", "{}/secret.yaml", "params.yaml", "a/../params.yaml"]
)
@pytest.mark.parametrize("file", ["params.yaml", "dvc.lock", "dvc.yaml"])
def test_symlinks_out_and_in_circles(repo: GitRepo, file: str, target: str) -> None:
    (repo.path / file).unlink(missing_ok=True)
    repo.symlink(file, target.format(repo.path.parent))
    repo.commit()
    hidden(repo)


def test_config_of_the_head_reaches_nothing(repo: GitRepo, canary: _Canary) -> None:
    url = f"http://127.0.0.1:{canary.server_address[1]}/x"
    repo.write(".dvc/config", config(url))
    repo.write(".dvc/plots/evil.json", "{{ x }}")
    repo.write(".lfsconfig", f"[lfs]\n  url = {url}\n")
    repo.write(".gitattributes", "* filter=lfs diff=evil\n*.yaml filter=evil\n")
    repo.write(
        "params.yaml",
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12\n",
    )
    repo.write(
        "data.dvc",
        f"deps:\n- path: data\n  repo: {{url: '{url}', rev_lock: abc}}\n"
        f"outs:\n- path: data\n  md5: {'0' * 32}\n",
    )
    repo.write("other.dvc", f"deps:\n- path: {url}\nouts:\n- path: other\n  remote: evil\n")
    repo.write(
        ".gitmodules", f'[submodule "s"]\n  path = s\n  url = {url}\n  update = !touch canary\n'
    )
    repo.commit()
    hidden(repo)
    assert canary.calls == 0


def test_same_answer_without_a_route(repo: GitRepo) -> None:
    repo.write("params.yaml", "lr: 2\n")
    repo.commit()
    # Where no namespace can be had, the canary above is the proof.
    routeless = can_run_without_route()
    for command in COMMANDS:
        assert run(repo, *command, routeless=routeless) == run(repo, *command)


def test_filters_of_the_repository_are_not_run(repo: GitRepo) -> None:
    repo.write(".gitattributes", "* filter=evil diff=evil\n")
    repo.commit()
    for key in (
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "diff.evil.textconv",
        "diff.evil.command",
        "core.fsmonitor",
        "core.sshCommand",
    ):
        repo.git("config", key, "touch canary")
    repo.write("params.yaml", "lr: 3\n")
    hidden(repo)


@pytest.mark.parametrize(
    "rev",
    [
        "--upload-pack=touch canary",
        "--output=canary",
        "-x",
        "--exec=touch canary",
        "^main",
        "a\nb",
        "@{",
        "main..hostile",
        ":/x",
        "main:dvc.yaml",
    ],
)
def test_revisions_that_look_like_options(repo: GitRepo, rev: str) -> None:
    repo.commit()
    for args in (
        ("compare", "main", f"--end={rev}"),
        ("compare", "--", "main", rev),
        ("status", "--", rev),
    ):
        assert run(repo, *args).status == 2
    assert not (repo.path / "canary").exists()


def test_names_that_no_work_tree_can_hold(repo: GitRepo) -> None:
    blob = repo.git("hash-object", "-w", "--stdin", stdin=PIPELINE.encode())
    raw = bytes.fromhex(blob)
    names = (b"..", b".", b".git", b"a\nb", b"a\x1b[2Jb", b"\xff\xfe", b"dvc.yaml", b"dvc.yaml\t")
    content = b"".join(b"100644 " + name + b"\0" + raw for name in sorted(names))
    tree = repo.git("hash-object", "-t", "tree", "--literally", "-w", "--stdin", stdin=content)
    commit = repo.git("commit-tree", tree, "-p", "main", "-m", "x")
    repo.git("update-ref", "refs/heads/odd", commit)
    for command in (("compare", "main", "odd"), ("status", "odd")):
        ended = run(repo, *command)
        assert "\x1b" not in ended.out + ended.err


def test_replaced_objects_and_grafts_are_not_followed(repo: GitRepo) -> None:
    repo.write("params.yaml", "lr: 2\n")
    head = repo.commit()
    before = run(repo, *COMMANDS[0])
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"lr: 99\n")
    repo.git("replace", repo.git("rev-parse", f"{head}:params.yaml"), blob)
    assert run(repo, *COMMANDS[0]) == before


def test_ignore_patterns_do_not_backtrack(repo: GitRepo) -> None:
    repo.write(".dvcignore", "".join(f"{'*a' * 200}b{i}\n{'**/a/' * 200}b\n" for i in range(500)))
    repo.write("/".join(["a"] * 200) + "/" + "a" * 200, "x")
    repo.commit()
    run_all(repo)


@pytest.mark.parametrize(
    "options", [("--depth=1", "--no-single-branch"), ("--filter=blob:none", "--no-checkout")]
)
def test_partial_and_shallow_clones(
    repo: GitRepo, tmp_path: Path, options: tuple[str, ...]
) -> None:
    repo.write("params.yaml", "lr: 2\n")
    repo.commit()
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = repo.clone(tmp_path / "clone", *options)
    clone.git("config", "remote.origin.uploadpack", "touch canary;")
    for command in (("compare", "--direct", "origin/main", "origin/hostile"), ("status", "HEAD")):
        run(clone, *command)
    assert not (clone.path / "canary").exists()
