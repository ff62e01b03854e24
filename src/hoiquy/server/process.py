"""The process that serves: its socket, its signals, its end."""

import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from hoiquy.errors import HoiquyError
from hoiquy.server.app import build_app
from hoiquy.server.limits import IDLE_SECONDS, MAX_CONNECTIONS, STOP_SECONDS
from hoiquy.server.service import Settings

logger = logging.getLogger(__name__)
_BACKLOG = 2048
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one. Raises HoiquyError."""
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except OSError as error:
        raise HoiquyError(
            f"cannot listen on {host}, port {port}: {error.strerror or error}; choose another "
            f"--port or --host"
        ) from error


def serve(settings: Settings, at: socket.socket) -> None:
    """Answer until SIGINT or SIGTERM; what was taken is finished, unless a second one comes."""
    config = uvicorn.Config(
        build_app(settings),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MAX_CONNECTIONS,
        backlog=_BACKLOG,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    _Server(config).run([at])


class _Server(uvicorn.Server):
    """As uvicorn's; but a stop that was asked for is no failure, and a second signal is obeyed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self._stop) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.should_exit:
            raise SystemExit(1)
        logger.info("stopping; what was taken is finished, a second signal ends at once")
        self.should_exit = True
