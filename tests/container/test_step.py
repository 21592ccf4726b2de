"""The container as a step of a job: what it publishes, leaves behind, imports and talks to."""

import json
import os
import socket
import stat
import threading
from functools import partial
from pathlib import Path

import pytest

from tests.action.runner import Done
from tests.action.scene import Scene
from tests.container import relay
from tests.container.run import OWNER, ContainerRunner
from tests.support.github import pull_request_event

COM = pytest.mark.parametrize("github", ["github.com"], indirect=True)


def test_a_pull_request(scene: Scene) -> None:
    done = scene.runner.step("pull_request", pull_request_event(scene.github, scene.pull()))
    assert done.code == 1, done.log
    (comment,) = scene.comments()
    assert "1 model is stale" in comment
    assert "<picture>" in comment
    assert "1 model is stale" in done.summary
    assert done.outputs["conclusion"] == "failure"
    assert done.outputs["comment_url"].startswith(scene.github.url)
    assert json.loads((done.workspace / done.outputs["report_path"]).read_bytes())
    assert "1 model is stale" in (done.workspace / done.outputs["summary_path"]).read_text()
    assert scene.runner.token not in done.log


@COM
def test_its_files_belong_to_the_runner_and_can_be_read(scene: Scene) -> None:
    done = scene.runner.step("pull_request", pull_request_event(scene.github, scene.pull()))
    folder = done.workspace / "lineage-diff-report"
    owner = OWNER if os.geteuid() == 0 else os.geteuid()
    assert folder.stat().st_uid == owner
    for file in folder.iterdir():
        assert file.stat().st_uid == owner
        assert stat.S_IMODE(file.stat().st_mode) == 0o644
    pictures = [file for file in folder.iterdir() if file.suffix == ".png"]
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in pictures)
    assert len(pictures) == 2


@COM
def test_a_pull_request_that_is_trained_passes(scene: Scene) -> None:
    scene.origin.checkout("more-data")
    pull = scene.pull(scene.retrained())
    done = scene.runner.step("pull_request", pull_request_event(scene.github, pull))
    # The checkout lacks that commit: it was fetched, from a checkout that is another user's.
    assert (done.code, done.outputs["conclusion"]) == (0, "success"), done.log


@COM
def test_a_wrong_input_is_one_line_and_exit_code_2(scene: Scene) -> None:
    payload = pull_request_event(scene.github, scene.pull())
    done = scene.runner.step("pull_request", payload, comment="sometimes")
    assert done.code == 2
    (line,) = done.log.splitlines()
    assert line.startswith("::error::")


IMPOSTORS = (
    "yaml.py",
    "json.py",
    "sitecustomize.py",
    "lineage_diff/__init__.py",
    "git/__init__.py",
)
CANARY = "open('/github/home/imported', 'a').write(__file__)\n"


def with_impostors(scene: Scene) -> ContainerRunner:
    runner = scene.runner
    assert isinstance(runner, ContainerRunner)
    for name in IMPOSTORS:
        scene.checkout.write(name, CANARY)
    runner.options = ["--env=PYTHONPATH=/github/workspace", "--env=PYTHONSTARTUP=yaml.py"]
    return runner


@COM
def test_nothing_of_the_workspace_is_imported(scene: Scene) -> None:
    runner = with_impostors(scene)
    done = runner.step("pull_request", pull_request_event(scene.github, scene.pull()))
    assert done.code == 1, done.log
    assert len(scene.comments()) == 1
    assert list((runner.files / "home").iterdir()) == []


@COM
def test_the_impostors_would_be_imported_by_a_python_that_is_not_isolated(scene: Scene) -> None:
    runner = with_impostors(scene)
    runner.options = [*runner.options, "--entrypoint=/opt/lineage-diff/bin/python"]
    runner.arguments = ["-c", "import yaml"]
    runner.step("pull_request", {})
    assert (runner.files / "home" / "imported").read_text().endswith("yaml.py")


STEP = ("/opt/lineage-diff/bin/python", "-I", "-B", "-m", "lineage_diff.github_action")


def on_a_network_of_github_alone(
    scene: Scene, folder: Path, *program: str
) -> tuple[Done, dict[str, int]]:
    """Run a program where the only network is a loopback with GitHub on it; what was counted."""
    runner = scene.runner
    assert isinstance(runner, ContainerRunner)
    folder.mkdir()
    port = scene.github.server_address[1]
    with socket.socket(socket.AF_UNIX) as listener:
        # The path of a socket is short; the folder's may be long.
        here = os.open(folder, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{here}/{relay.SOCKET}")
        os.close(here)
        listener.listen(64)
        reach = partial(socket.create_connection, ("127.0.0.1", port))
        threading.Thread(target=relay.serve, args=(listener, reach, []), daemon=True).start()
        runner.network = "none"
        runner.options = [
            f"--volume={folder}:/relay",
            f"--volume={relay.__file__}:/relay.py:ro",
            "--entrypoint=/usr/local/bin/python",
        ]
        runner.arguments = ["-I", "/relay.py", str(port), "/relay", *program]
        done = runner.step("pull_request", pull_request_event(scene.github, scene.pull()))
    counted: dict[str, int] = json.loads((folder / relay.COUNTED).read_bytes())
    return done, counted


def strays(counted: dict[str, int]) -> int:
    """Return how many attempts were made to reach anything but GitHub."""
    names = ("Ip.OutNoRoutes", "Udp.OutDatagrams", "Udp.NoPorts")
    return counted["Tcp.ActiveOpens"] - counted["accepted"] + sum(counted[name] for name in names)


@COM
@pytest.mark.parametrize("depth", ["whole", "shallow"])
def test_it_talks_to_github_alone(scene: Scene, tmp_path: Path, depth: str) -> None:
    if depth == "shallow":
        scene.runner.workspace = scene.origin.clone(tmp_path / "shallow", "--depth=1").path
    done, counted = on_a_network_of_github_alone(scene, tmp_path / "relay", *STEP)
    assert done.code == 1, done.log
    assert len(scene.comments()) == 1
    assert counted["accepted"] > 0
    assert strays(counted) == 0


@COM
@pytest.mark.parametrize(
    "attempt",
    ["s.create_connection(('192.0.2.1', 443))", "s.getaddrinfo('example.com', 443)"],
    ids=["connection", "name"],
)
def test_an_attempt_to_reach_another_server_is_counted(
    scene: Scene, tmp_path: Path, attempt: str
) -> None:
    code = f"import socket as s\ntry: {attempt}\nexcept OSError: 0"
    program = ("/usr/local/bin/python", "-c", code)
    done, counted = on_a_network_of_github_alone(scene, tmp_path / "relay", *program)
    assert done.code == 0
    assert strays(counted) > 0
