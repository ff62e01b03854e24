"""`hoiquy serve` as a program: what it refuses, how it ends, what it writes."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPResponse
from pathlib import Path

import pytest
from running import KEY, until

from command_line import PROGRAM, only_line_of_error, run_hoiquy

BODY = b'{"text": "a secret mango"}'
HEAD = (
    b"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY)
)


class Program:
    """A service in a process of its own, what it wrote, and how it ended."""

    def __init__(self, *arguments: str | Path, **variables: str) -> None:
        self.process = subprocess.Popen(
            [*PROGRAM, "serve", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | variables,
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        self.port = int(self.address.rpartition(":")[2])

    def is_ready(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"{self.address}/ready", timeout=60):
            return True
        return False

    def begin(self) -> socket.socket:
        """A connection with a request whose last byte is missing."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        connection.sendall(HEAD + BODY[:-1])
        return connection

    def end(self) -> tuple[int, str]:
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors


@contextmanager
def started(*arguments: str | Path, **variables: str) -> Iterator[Program]:
    program = Program(*arguments, "--port", "0", **variables)
    try:
        until(program.is_ready)
        yield program
    finally:
        program.process.kill()
        program.process.communicate()


def finish(connection: socket.socket) -> int:
    connection.sendall(b"}")
    response = HTTPResponse(connection, method="POST")
    response.begin()
    return response.status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_when_what_was_taken_is_answered(trained: Path, number: int) -> None:
    with started(trained) as program:
        with program.begin() as connection, program.begin() as other:
            until(lambda: _taken(program) >= 2)
            program.process.send_signal(number)
            until(lambda: not program.is_ready())
            with pytest.raises(ConnectionRefusedError):
                program.begin()
            assert [finish(connection), finish(other)] == [200, 200]
        code, errors = program.end()
        assert code == 0 and "stopping" in errors and "Traceback" not in errors


def _taken(program: Program) -> int:
    """Connections on which something was read: nothing of them waits in the system any more."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    rows = [line.split() for line in lines]
    ours = [row for row in rows if row[1].endswith(f":{program.port:04X}") and row[3] == "01"]
    return sum(row[4].endswith(":00000000") for row in ours)


def test_a_second_signal_ends_it_at_once(trained: Path) -> None:
    with started(trained) as program, program.begin():
        until(lambda: _taken(program) >= 1)
        program.process.send_signal(signal.SIGTERM)
        until(lambda: not program.is_ready())
        program.process.send_signal(signal.SIGTERM)
        code, _ = program.end()
        assert code == 1


def test_no_text_is_logged(trained: Path) -> None:
    with started(trained / "lstm") as program:
        with program.begin() as connection:
            assert finish(connection) == 200
        with program.begin() as connection:
            connection.sendall(b"]")  # malformed
            assert b"400" in connection.recv(1000)
        program.process.terminate()
        _, errors = program.end()
        assert "loaded lstm" in errors and "secret" not in errors


def test_after_a_kill_it_starts_again_on_the_same_port(trained: Path) -> None:
    with started(trained / "lstm") as program:
        port = program.port
        program.process.kill()
        program.end()
    again = Program(trained / "lstm", "--port", str(port))
    try:
        until(again.is_ready)
    finally:
        again.process.kill()
        again.end()


def test_other_machines_need_a_key(trained: Path, tmp_path: Path) -> None:
    refused = run_hoiquy("serve", trained, "--host", "0.0.0.0")
    assert "set HOIQUY_API_KEY or --api-key-file" in only_line_of_error(refused, 2)
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    with started(trained, "--host", "0.0.0.0", "--api-key-file", file) as program:
        address = f"http://127.0.0.1:{program.port}/api/models"
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(address, timeout=60)
        asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {KEY}"})
        with urllib.request.urlopen(asked, timeout=60) as answer:
            assert len(json.load(answer)["models"]) == 3


@pytest.mark.parametrize("key", ["short", "with space " * 3, "ÿ" * 20, ""])
def test_a_poor_key_is_refused(trained: Path, key: str) -> None:
    refused = run_hoiquy("serve", trained, HOIQUY_API_KEY=key)
    assert "16 or more" in only_line_of_error(refused, 2)


def test_what_cannot_be_served_is_one_line(trained: Path, tmp_path: Path) -> None:
    nothing = run_hoiquy("serve", tmp_path / "none")
    assert "no such folder" in only_line_of_error(nothing, 2)
    keyless = run_hoiquy("serve", trained, "--api-key-file", tmp_path / "none")
    assert "cannot read --api-key-file" in only_line_of_error(keyless, 2)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = run_hoiquy("serve", trained, "--port", str(taken.getsockname()[1]))
        assert "choose another --port" in only_line_of_error(busy, 1)
    nowhere = run_hoiquy("serve", trained, "--host", "256.0.0.1", HOIQUY_API_KEY=KEY)
    assert "cannot listen on 256.0.0.1" in only_line_of_error(nowhere, 1)


@pytest.mark.parametrize("missing", ["uvicorn", "fastapi", "prometheus_client", "httptools"])
def test_without_the_extra_it_says_what_to_install(trained: Path, missing: str) -> None:
    main = "from hoiquy.cli.main import main; main()"
    hidden = f"import sys; sys.modules[{missing!r}] = None; {main}"
    refused = subprocess.run(
        [sys.executable, "-c", hidden, "serve", str(trained)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    line = only_line_of_error(refused, 2)
    assert missing in line and "pip" in line and "[serve]'" in line
