"""Downloads from a real server on this machine, which misbehaves in all the usual ways."""

import hashlib
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hoiquy.data.imdb.download import RemoteFile, download, is_whole
from hoiquy.errors import DownloadError

CONTENT = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Behaviour:
    """What the server does, and what it was asked for."""

    content: bytes = CONTENT
    ranges: bool = True
    cut_after: list[int] = field(default_factory=list)  # bytes sent, request by request
    statuses: list[int] = field(default_factory=list)  # refusals, request by request
    says_length: bool = True
    shifted_range: bool = False
    asked: list[str | None] = field(default_factory=list)
    url: str = ""


class Handler(BaseHTTPRequestHandler):
    behaviour: Behaviour

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        behaviour = self.behaviour
        asked = self.headers.get("Range")
        behaviour.asked.append(asked)
        if behaviour.statuses:
            self.send_error(behaviour.statuses.pop(0))
            return
        start = 0
        if asked is not None and behaviour.ranges:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            first = start + behaviour.shifted_range
            size = len(behaviour.content)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{size - 1}/{size}")
        else:
            self.send_response(200)
        if behaviour.says_length:
            self.send_header("Content-Length", str(len(behaviour.content) - start))
        self.end_headers()
        count = behaviour.cut_after.pop(0) if behaviour.cut_after else len(behaviour.content)
        self.wfile.write(behaviour.content[start:][:count])


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


def part_of(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def fetch(server: Behaviour, target: Path, attempts: int = 2, sha256: str = SHA256) -> Path:
    remote = RemoteFile(server.url, len(CONTENT), sha256)
    return download(remote, target, attempts=attempts, pause_seconds=0, timeout_seconds=10)


def failure(server: Behaviour, target: Path, attempts: int = 2, sha256: str = SHA256) -> str:
    """Return the error of a download that leaves no target, after checking that it is one line."""
    with pytest.raises(DownloadError) as caught:
        fetch(server, target, attempts, sha256)
    assert not target.exists()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_whole_file_arrives_with_progress(server: Behaviour, target: Path) -> None:
    calls: list[tuple[str, int, int | None]] = []
    remote = RemoteFile(server.url, len(CONTENT), SHA256)
    assert download(remote, target, lambda *call: calls.append(call)) == target
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]
    assert calls[-1] == ("downloading file.tar.gz", len(CONTENT), len(CONTENT))
    assert [done for _, done, _ in calls] == sorted(done for _, done, _ in calls)
    assert is_whole(target, remote)


def test_a_cut_is_resumed_where_it_happened(server: Behaviour, target: Path) -> None:
    server.cut_after = [300_000, 200_000]
    fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.asked == [None, "bytes=300000-", "bytes=500000-"]


def test_a_later_call_resumes_what_an_earlier_one_left(server: Behaviour, target: Path) -> None:
    server.cut_after = [300_000, 0]
    message = failure(server, target, attempts=1)
    assert "300,000 of 1,024,000 bytes are kept" in message
    assert part_of(target).stat().st_size == 300_000
    fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.asked[-1] == "bytes=300000-"


def test_many_cuts_are_no_failure_as_long_as_each_try_brings_something(
    server: Behaviour, target: Path
) -> None:
    server.cut_after = [100_000] * 9
    fetch(server, target, attempts=1)
    assert target.read_bytes() == CONTENT


def test_a_server_that_cannot_resume_sends_all_again(server: Behaviour, target: Path) -> None:
    server.ranges = False
    server.cut_after = [300_000]
    fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.asked == [None, "bytes=300000-"]


def test_a_server_that_cannot_resume_and_always_cuts_is_given_up(
    server: Behaviour, target: Path
) -> None:
    server.ranges = False
    server.cut_after = [300_000] * 50
    assert "ended early" in failure(server, target, attempts=3)
    assert len(server.asked) == 4


@pytest.mark.parametrize("earlier", [0, 1000])
def test_another_size_is_refused_and_an_earlier_part_is_kept(
    server: Behaviour, target: Path, earlier: int
) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(CONTENT[:earlier])
    server.content = CONTENT[:5000]
    assert "has 5000 bytes, expected 1024000" in failure(server, target)
    assert part_of(target).read_bytes() == CONTENT[:earlier]
    assert len(server.asked) == 1


def test_more_bytes_than_announced_anywhere_are_refused(server: Behaviour, target: Path) -> None:
    server.content = CONTENT + b"more"
    server.says_length = False
    assert "longer than 1,024,000" in failure(server, target)
    assert not part_of(target).exists()


def test_a_wrong_hash_deletes_what_came(server: Behaviour, target: Path) -> None:
    wrong = "0" * 64
    message = failure(server, target, sha256=wrong)
    assert SHA256 in message and wrong in message
    assert not part_of(target).exists()


def test_a_part_of_another_file_ends_in_a_wrong_hash_and_the_next_call_starts_anew(
    server: Behaviour, target: Path
) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(b"x" * 1000)
    assert "sha256" in failure(server, target)
    fetch(server, target)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("extra", [0, 1])
def test_a_part_that_is_already_full_or_too_long(
    server: Behaviour, target: Path, extra: int
) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(CONTENT + b"x" * extra)
    fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.asked == [None] * extra


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_is_not_tried_again(server: Behaviour, target: Path, status: int) -> None:
    server.statuses = [status] * 5
    assert f"HTTP {status}" in failure(server, target)
    assert len(server.asked) == 1


def test_a_busy_server_is_tried_again(server: Behaviour, target: Path) -> None:
    server.statuses = [503, 429]
    fetch(server, target, attempts=3)
    assert target.read_bytes() == CONTENT
    server.statuses = [503] * 5
    target.unlink()
    assert "HTTP 503" in failure(server, target)


def test_a_range_the_server_refuses_or_mistakes_starts_again(
    server: Behaviour, target: Path
) -> None:
    server.cut_after = [300_000]
    server.shifted_range = True
    fetch(server, target)
    assert server.asked == [None, "bytes=300000-", None]
    assert target.read_bytes() == CONTENT

    target.unlink()
    part_of(target).write_bytes(CONTENT[:1000])
    server.statuses = [416]
    fetch(server, target)
    assert server.asked[3:] == ["bytes=1000-", None]


def test_nobody_listening(target: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        nobody = Behaviour(url=f"http://127.0.0.1:{held.getsockname()[1]}/file")
        message = failure(nobody, target)
    assert re.search("refused", message)


def test_a_server_that_says_nothing_times_out(target: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        remote = RemoteFile(f"http://127.0.0.1:{silent.getsockname()[1]}/file", 9, SHA256)
        with pytest.raises(DownloadError, match="timed out"):
            download(remote, target, attempts=1, timeout_seconds=0.1)


def test_a_folder_that_cannot_be_made_is_said(server: Behaviour, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(DownloadError, match="cannot be written"):
        fetch(server, tmp_path / "cache" / "file.tar.gz")
