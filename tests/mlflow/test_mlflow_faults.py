"""A server that is down, slow, refuses, or answers nonsense; and what is sent to whom."""

import base64
import json
import logging
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest

from lineage_diff.lineage.mlflow import MlflowAnswer
from lineage_diff.mlflow import client
from lineage_diff.mlflow import errors as reason
from lineage_diff.mlflow.client import RequestLimits
from lineage_diff.mlflow.lookup import ask_mlflow
from tests.support.certificates import Certificates, make_certificates
from tests.support.raw_http import Answer, RawServer, response, sends

COMMIT = "c" * 40
SECRETS = ("us3r", "pa55", "t0ken", "s3cret")
QUICK = RequestLimits(seconds=1.5, request_seconds=1.0, size=100_000, pauses=(0.0, 0.01))

EXPERIMENTS = response(b'{"experiments": [{"experiment_id": "1", "name": "churn"}]}')
NOTHING = response(b"{}")


def _ask(
    port: int,
    scheme: str = "http",
    bounds: RequestLimits = QUICK,
    environ: Mapping[str, str] | None = None,
) -> MlflowAnswer:
    named = {
        "MLFLOW_TRACKING_URI": f"{scheme}://us3r:pa55@127.0.0.1:{port}/mlflow?key=s3cret",
        "MLFLOW_TRACKING_TOKEN": "t0ken",
    }
    answer = ask_mlflow([COMMIT], environ={**named, **(environ or {})}, bounds=bounds)
    assert answer is not None
    assert not [secret for secret in SECRETS if secret in repr(answer)]
    return answer


@pytest.fixture(autouse=True)
def no_secret_is_told(
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    recwarn: pytest.WarningsRecorder,
) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    told = [*capfd.readouterr(), *(str(warning.message) for warning in recwarn)]
    assert told == ["", ""]
    logged = [entry.getMessage() for entry in caplog.records]
    assert not [text for text in logged if any(secret in text for secret in SECRETS)]


def _drips(start: bytes, piece: bytes) -> Answer:
    def answer(connection: socket.socket, ended: Event) -> None:
        connection.sendall(start)
        while not ended.wait(0.05):
            connection.sendall(piece)

    return answer


def _silent(_: socket.socket, ended: Event) -> None:
    ended.wait(20)


def _closes(connection: socket.socket, _: Event) -> None:
    connection.shutdown(socket.SHUT_RDWR)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"
FAULTS: dict[str, tuple[Callable[[], Answer], str]] = {
    "closes": (lambda: _closes, reason.DOWN),
    "breaks off in the body": (lambda: sends(HEAD + b"{"), reason.DOWN),
    "breaks off in the head": (lambda: sends(b"HTTP/1.1 200 OK\r\nContent-"), reason.NONSENSE),
    "silent": (lambda: _silent, reason.SLOW),
    "drips a body": (lambda: _drips(HEAD, b" "), reason.SLOW),
    "drips a head": (lambda: _drips(b"HTTP/1.1 200 OK\r\nX: ", b"x"), reason.SLOW),
    "drips many heads": (lambda: _drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), reason.SLOW),
    "endless body": (lambda: sends(HEAD + b" " * 200_000), reason.HUGE),
    "endless chunks": (
        lambda: _drips(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"4000\r\n" + b" " * 0x4000 + b"\r\n",
        ),
        reason.HUGE,
    ),
    "endless head": (lambda: sends(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000), reason.DOWN),
    "many headers": (lambda: sends(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 9000), reason.DOWN),
    "no HTTP": (lambda: sends(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), reason.DOWN),
    "page": (lambda: sends(response(b"<!doctype html><title>MLflow</title>")), reason.NONSENSE),
    "empty": (lambda: sends(response(b"")), reason.NONSENSE),
    "list": (lambda: sends(response(b"[]")), reason.NONSENSE),
    "other types": (lambda: sends(response(b'{"experiments": {"a": 1}}')), reason.NONSENSE),
    "no UTF-8": (lambda: sends(response(b'{"experiments": "\xff"}')), reason.NONSENSE),
    "deep": (lambda: sends(response(b'{"x":' + b"[" * 90_000)), reason.NONSENSE),
    "packed": (lambda: sends(response(b"\x1f\x8b", "200 OK", "Content-Encoding: gzip")), ""),
    "no such page": (lambda: sends(response(b"<h1>Not Found</h1>", "404 Not Found")), ""),
    "no such endpoint": (
        lambda: sends(response(b'{"error_code": "ENDPOINT_NOT_FOUND"}', "404 Not Found")),
        reason.failed(404),
    ),
    "login": (lambda: sends(response(b"who?", "401 Unauthorized")), reason.refused(401)),
    "forbidden": (lambda: sends(response(b"{}", "403 Forbidden")), reason.refused(403)),
    "broken": (lambda: sends(response(b"oops", "500 Internal Error")), reason.failed(500)),
    "busy": (lambda: sends(response(b"", "429 Many", "Retry-After: 3600")), reason.failed(429)),
    "moved": (lambda: sends(response(b"", "302 Found", "Location: /login")), reason.REDIRECT),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_told_in_time(fault: str) -> None:
    answer, expected = FAULTS[fault]
    with RawServer(answer()) as server:
        start = time.monotonic()
        found = _ask(server.port)
        spent = time.monotonic() - start
    assert found == MlflowAnswer(unavailable=expected or reason.NONSENSE)
    assert server.requests
    # Twice what it may take: the machine may be busy.
    assert spent < 2 * QUICK.seconds


def test_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert _ask(port).unavailable == reason.DOWN


def test_all_requests_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]

    def answer(connection: socket.socket, _: Event) -> None:
        clock[0] += 40.0
        connection.sendall(EXPERIMENTS)

    monkeypatch.setattr(client, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    bounds = RequestLimits(seconds=100.0, request_seconds=80.0, pauses=())
    with RawServer(answer) as server:
        assert _ask(server.port, bounds=bounds).unavailable == reason.SLOW
    assert len(server.requests) == 3


@pytest.mark.parametrize("first", [b"", response(b"", "503 Busy"), HEAD + b"{"])
def test_a_passing_failure_is_tried_again(first: bytes) -> None:
    with RawServer(sends(first, first, EXPERIMENTS, NOTHING)) as server:
        assert _ask(server.port) == MlflowAnswer()
    assert len(server.requests) == 6


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Same", "308 Same"])
def test_redirect_is_followed_nowhere(status: str) -> None:
    with ExitStack() as stack:
        other = stack.enter_context(RawServer(sends(EXPERIMENTS)))
        location = f"Location: http://127.0.0.1:{other.port}/"
        server = stack.enter_context(RawServer(sends(response(b"", status, location))))
        assert _ask(server.port).unavailable == reason.REDIRECT
    assert not other.requests


def test_an_endless_search_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lineage_diff.limits.MLFLOW_PAGES", 3)
    run = {"info": {"run_id": "r", "experiment_id": "1"}}
    run["data"] = {"tags": [{"key": "dvc_commit", "value": COMMIT}]}  # type: ignore[dict-item]
    page = response(json.dumps({"runs": [run], "next_page_token": "more"}).encode())
    with RawServer(sends(EXPERIMENTS, page)) as server:
        answer = _ask(server.port)
    assert answer.unavailable == reason.TOO_MANY
    assert [run.run_id for run in answer.runs[COMMIT]] == ["r"]
    assert len(server.requests) == 4


def _header(request: bytes, name: str) -> str | None:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    return next((line.partition(": ")[2] for line in lines if line.startswith(f"{name}:")), None)


BASIC = f"Basic {base64.b64encode('us3r:pä55'.encode()).decode()}"
LOGINS: list[tuple[str, dict[str, str], str | None]] = [
    ("", {}, None),
    ("", {"MLFLOW_TRACKING_TOKEN": "t0ken"}, "Bearer t0ken"),
    ("us3r:p%C3%A455@", {}, BASIC),
    ("us3r:p%C3%A455@", {"MLFLOW_TRACKING_TOKEN": "t0ken"}, BASIC),
    ("us3r@", {"MLFLOW_TRACKING_TOKEN": "t0ken"}, "Bearer t0ken"),
    ("", {"MLFLOW_TRACKING_USERNAME": "us3r", "MLFLOW_TRACKING_PASSWORD": "pä55"}, BASIC),
    ("", {"MLFLOW_TRACKING_USERNAME": "us3r"}, None),
    (
        "",
        {
            "MLFLOW_TRACKING_USERNAME": "us3r",
            "MLFLOW_TRACKING_PASSWORD": "pä55",
            "MLFLOW_TRACKING_TOKEN": "t0ken",
        },
        BASIC,
    ),
]


@pytest.mark.parametrize(("userinfo", "environ", "expected"), LOGINS)
def test_login(
    userinfo: str,
    environ: dict[str, str],
    expected: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / "netrc"
    if expected is not None:
        # What is named wins over what lies in the home folder.
        netrc.write_text("machine 127.0.0.1 login other password wrong\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    with RawServer(sends(EXPERIMENTS, NOTHING)) as server:
        uri = f"http://{userinfo}127.0.0.1:{server.port}/team/"
        answer = ask_mlflow([COMMIT], environ={"MLFLOW_TRACKING_URI": uri, **environ}, bounds=QUICK)
    assert answer == MlflowAnswer()
    assert {_header(request, "Authorization") for request in server.requests} == {expected}
    paths = {request.split()[1].decode() for request in server.requests}
    assert paths == {f"/team/api/2.0/mlflow/{kind}/search" for kind in ("experiments", "runs")}


def test_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(sends(EXPERIMENTS, NOTHING)) as proxy:
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.setenv(name, "")
        environ = {"MLFLOW_TRACKING_URI": "http://mlflow.invalid"}
        assert ask_mlflow([COMMIT], environ=environ, bounds=QUICK) == MlflowAnswer()
    assert proxy.requests[0].startswith(b"POST http://mlflow.invalid/api/2.0/mlflow/")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


TLS: list[tuple[dict[str, str], bool, str | None]] = [
    ({}, False, reason.TLS),
    ({"SERVER_CERT_PATH": "authority"}, False, None),
    ({"SERVER_CERT_PATH": "client"}, False, reason.TLS),
    ({"SERVER_CERT_PATH": "nowhere"}, False, reason.MISCONFIGURED),
    ({"INSECURE_TLS": "true"}, False, None),
    ({"INSECURE_TLS": "false"}, False, reason.TLS),
    ({"INSECURE_TLS": "true", "SERVER_CERT_PATH": "authority"}, False, reason.TLS_BOTH),
    ({"SERVER_CERT_PATH": "authority", "CLIENT_CERT_PATH": "client"}, True, None),
    ({"SERVER_CERT_PATH": "authority", "CLIENT_CERT_PATH": "nowhere"}, True, reason.MISCONFIGURED),
]


@pytest.mark.parametrize(("named", "ask_client", "expected"), TLS)
def test_tls(
    certificates: Certificates, named: dict[str, str], ask_client: bool, expected: str | None
) -> None:
    environ = {
        f"MLFLOW_TRACKING_{name}": str(getattr(certificates, value, value))
        for name, value in named.items()
    }
    with RawServer(
        sends(EXPERIMENTS, NOTHING), certificates.server_context(ask_client=ask_client)
    ) as server:
        assert _ask(server.port, "https", environ=environ).unavailable == expected


def test_client_without_its_certificate_is_refused(certificates: Certificates) -> None:
    trusted = {"MLFLOW_TRACKING_SERVER_CERT_PATH": str(certificates.authority)}
    context = certificates.server_context(ask_client=True)
    with RawServer(sends(EXPERIMENTS, NOTHING), context) as server:
        answer = _ask(server.port, "https", environ=trusted)
    assert answer.unavailable in (reason.TLS, reason.DOWN)


def test_tls_spoken_to_who_does_not() -> None:
    with RawServer(sends(EXPERIMENTS)) as server:
        assert _ask(server.port, "https").unavailable == reason.TLS


ADDRESSES = [
    ("file:///srv/mlruns", reason.UNSUPPORTED),
    ("sqlite:///mlflow.db", reason.UNSUPPORTED),
    ("./mlruns", reason.UNSUPPORTED),
    ("databricks", reason.UNSUPPORTED),
    ("https://", reason.MISCONFIGURED),
    ("http://[::1", reason.MISCONFIGURED),
    ("http://h:port", reason.MISCONFIGURED),
    ("http://h:99999", reason.MISCONFIGURED),
    ("http://us3r:pa55@h h", reason.MISCONFIGURED),
    ("http://us3r:pa55@h\x00", reason.MISCONFIGURED),
    (f"http://us3r:pa55@{'h' * 70}.example", reason.MISCONFIGURED),
]


@pytest.mark.parametrize(("uri", "expected"), ADDRESSES)
def test_address_that_cannot_be_asked(uri: str, expected: str) -> None:
    answer = ask_mlflow([COMMIT], environ={"MLFLOW_TRACKING_URI": uri}, bounds=QUICK)
    assert answer == MlflowAnswer(unavailable=expected)


def test_token_that_cannot_be_sent() -> None:
    environ = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9", "MLFLOW_TRACKING_TOKEN": "t0ken\nX: y"}
    answer = ask_mlflow([COMMIT], environ=environ, bounds=QUICK)
    assert answer == MlflowAnswer(unavailable=reason.MISCONFIGURED)


@pytest.mark.parametrize("environ", [{}, {"MLFLOW_TRACKING_URI": " "}])
def test_no_server_is_named(environ: dict[str, str]) -> None:
    assert ask_mlflow([COMMIT], environ=environ) is None


def test_nothing_is_asked_about_nothing() -> None:
    with RawServer(sends(NOTHING)) as server:
        environ = {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{server.port}"}
        assert ask_mlflow(["HEAD"], environ=environ, bounds=QUICK) == MlflowAnswer()
    assert not server.requests
