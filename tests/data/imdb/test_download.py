"""Downloads from a real server on this machine, which misbehaves in all the usual ways."""

import hashlib
import os
import re
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hoiquy.data.imdb.download import RemoteFile, download
from hoiquy.errors import DownloadError

CONTENT = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Behaviour:
    """What the server does, and how many requests it got."""

    content: bytes = CONTENT
    cut_after: list[int] = field(default_factory=list)  # bytes sent, request by request
    statuses: list[int] = field(default_factory=list)  # refusals, request by request
    sends_length: bool = True
    requests: int = 0
    url: str = ""


class Handler(BaseHTTPRequestHandler):
    behaviour: Behaviour

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        behaviour = self.behaviour
        behaviour.requests += 1
        if behaviour.statuses:
            self.send_error(behaviour.statuses.pop(0))
            return
        self.send_response(200)
        if behaviour.sends_length:
            self.send_header("Content-Length", str(len(behaviour.content)))
        self.end_headers()
        count = behaviour.cut_after.pop(0) if behaviour.cut_after else len(behaviour.content)
        self.wfile.write(behaviour.content[:count])


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pooch.core.time.sleep", lambda seconds: None)


@pytest.fixture
def server() -> Iterator[Behaviour]:
    behaviour = Behaviour()
    handler = type("OwnHandler", (Handler,), {"behaviour": behaviour})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    behaviour.url = f"http://127.0.0.1:{http.server_port}/folder/file.tar.gz"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield behaviour
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "file.tar.gz"


def fetch(server: Behaviour, target: Path, attempts: int = 2, sha256: str = SHA256) -> Path:
    remote = RemoteFile(server.url, len(CONTENT), sha256)
    return download(remote, target, attempts=attempts, timeout_seconds=10)


def failure(server: Behaviour, target: Path, attempts: int = 2, sha256: str = SHA256) -> str:
    """The error of a download, after checking that it is one line and no file is left."""
    with pytest.raises(DownloadError) as caught:
        fetch(server, target, attempts, sha256)
    assert list(target.parent.iterdir()) == []
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_whole_file_arrives_with_progress(
    server: Behaviour, target: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    calls: list[tuple[str, int, int | None]] = []
    remote = RemoteFile(server.url, len(CONTENT), SHA256)
    assert download(remote, target, lambda *call: calls.append(call)) == target
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]
    assert calls[-1] == ("downloading file.tar.gz", len(CONTENT), len(CONTENT))
    assert [done for _, done, _ in calls] == sorted({done for _, done, _ in calls})
    assert capfd.readouterr() == ("", "")


def test_a_file_in_the_cache_is_used_if_its_hash_is_right(server: Behaviour, target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(CONTENT)
    assert fetch(server, target) == target
    assert server.requests == 0
    target.write_bytes(b"damaged")
    fetch(server, target)
    assert server.requests == 1
    assert target.read_bytes() == CONTENT


@pytest.mark.skipif(sys.platform == "win32", reason="has no umask")
def test_others_may_read_the_file_as_far_as_the_umask_lets_them(
    server: Behaviour, target: Path
) -> None:
    before = os.umask(0o022)
    try:
        fetch(server, target)
    finally:
        os.umask(before)
    assert target.stat().st_mode & 0o777 == 0o644


def test_a_cut_is_tried_again(server: Behaviour, target: Path) -> None:
    server.cut_after = [300_000, 200_000]
    fetch(server, target, attempts=3)
    assert target.read_bytes() == CONTENT
    assert server.requests == 3


def test_a_server_that_always_cuts_is_given_up(server: Behaviour, target: Path) -> None:
    server.cut_after = [300_000] * 50
    assert "IncompleteRead(300000 bytes read" in failure(server, target, attempts=3)
    assert server.requests == 3


def test_another_size_is_refused_at_once(server: Behaviour, target: Path) -> None:
    server.content = CONTENT[:5000]
    message = failure(server, target)
    assert "has 5,000 bytes, expected 1,024,000" in message and "requires a log-in" in message
    assert server.requests == 1


@pytest.mark.parametrize("sends_length", [False, True])
def test_more_bytes_than_published_are_refused(
    server: Behaviour, target: Path, sends_length: bool
) -> None:
    server.content = CONTENT + b"more"
    server.sends_length = sends_length
    assert "longer than 1,024,000" in failure(server, target)
    assert server.requests == 1


def test_a_wrong_hash_deletes_the_file(server: Behaviour, target: Path) -> None:
    wrong = "0" * 64
    message = failure(server, target, sha256=wrong)
    assert SHA256 in message and wrong in message


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_is_not_tried_again(server: Behaviour, target: Path, status: int) -> None:
    server.statuses = [status] * 5
    assert f"HTTP {status}" in failure(server, target)
    assert server.requests == 1


def test_a_busy_server_is_tried_again(server: Behaviour, target: Path) -> None:
    server.statuses = [503, 429]
    fetch(server, target, attempts=3)
    assert target.read_bytes() == CONTENT
    server.statuses = [503] * 5
    target.unlink()
    assert "503" in failure(server, target)


def test_a_refused_connection(target: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        closed = Behaviour(url=f"http://127.0.0.1:{held.getsockname()[1]}/file")
        message = failure(closed, target)
    assert re.search(r"\(Connection refused\)|refused it", message)


def test_a_server_that_never_answers_times_out(target: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        remote = RemoteFile(f"http://127.0.0.1:{silent.getsockname()[1]}/file", 9, SHA256)
        with pytest.raises(DownloadError, match="timed out"):
            download(remote, target, attempts=1, timeout_seconds=0.1)


def test_a_folder_that_cannot_be_made(server: Behaviour, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(DownloadError, match="cannot be written"):
        fetch(server, tmp_path / "cache" / "file.tar.gz")


def test_an_interrupted_download_leaves_nothing(server: Behaviour, target: Path) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    remote = RemoteFile(server.url, len(CONTENT), SHA256)
    with pytest.raises(KeyboardInterrupt):
        download(remote, target, interrupt)
    assert list(target.parent.iterdir()) == []
