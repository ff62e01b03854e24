"""A service that runs in this process, on a real socket, and how tests talk to it."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

from hoiquy.server.app import create_app
from hoiquy.server.process import listening, server_of
from hoiquy.server.service import Service
from hoiquy.server.settings import Settings

KEY = "a-key-of-some-length"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def code(self) -> str:
        """Of an error, whose shape is checked."""
        assert set(self.json()) == {"error"}
        error = self.json()["error"]
        assert error["message"] and len(error["message"].splitlines()) == 1
        return str(error["code"])


class Caller:
    """Asks a service; a connection a request unless it is kept."""

    def __init__(self, port: int, service: Service) -> None:
        self.port = port
        self.service = service

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            return answer_of(connection.getresponse())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, **headers)

    def post(self, path: str, content: Any, **headers: str) -> Answer:
        """Bytes as they are, anything else as JSON."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode("utf-8")
        return self.send("POST", path, body, **{"content_type": "application/json"} | headers)

    def predict(self, *texts: str, **headers: str) -> Answer:
        return self.post("/api/predict", {"texts": texts}, **headers)

    def raw(self, content: bytes) -> socket.socket:
        """A connection on which these bytes were sent."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        connection.sendall(content)
        return connection

    def metric(self, line: str) -> float:
        """The value of a line of /metrics, 0 if it is not there."""
        for row in self.get("/metrics").content.decode().splitlines():
            name, _, value = row.rpartition(" ")
            if name == line:
                return float(value)
        return 0.0


def answer_of(response: HTTPResponse) -> Answer:
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, response.read())


def until(ready: Callable[[], object], seconds: float = 60) -> None:
    """Wait until it is true; fails after a while."""
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


@contextmanager
def serving(root: Path, ready: bool = True, **settings: Any) -> Iterator[Caller]:
    """A service of a folder, ready to answer, which ends with the block."""
    app = create_app(Settings(root, **settings))
    server = server_of(app)
    at = listening("127.0.0.1", 0)
    port = at.getsockname()[1]
    thread = threading.Thread(target=server.run, args=[[at]])
    thread.start()
    caller = Caller(port, app.state.service)
    try:
        until(lambda: server.started)
        if ready:
            until(lambda: caller.get("/ready").status == 200)
        yield caller
    finally:
        server.should_exit = True
        thread.join(60)
        assert not thread.is_alive()
