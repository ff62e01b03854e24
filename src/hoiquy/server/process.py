"""The process that serves: its socket, its signals, its end."""

import asyncio
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from hoiquy.errors import HoiquyError
from hoiquy.server.app import App
from hoiquy.server.connection import Connection
from hoiquy.server.limits import IDLE_SECONDS, MAX_CONNECTIONS, STOP_SECONDS
from hoiquy.server.service import Service
from hoiquy.server.settings import Settings

logger = logging.getLogger(__name__)
_BACKLOG = 2048
_OTHER_FILES = 256  # that may be open beside connections
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
    """Answer until SIGINT or SIGTERM."""
    server = Server(Service(settings))
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(server.answer(at))


class Server(uvicorn.Server):
    """As uvicorn's; but a stop that was asked for is no failure, and a second signal is obeyed."""

    def __init__(self, service: Service) -> None:
        self._service = service
        config = uvicorn.Config(
            App(service),
            http=Connection,
            ws="none",
            lifespan="off",  # `answer` does its work
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=_connections(),
            backlog=_BACKLOG,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        super().__init__(config)

    async def answer(self, at: socket.socket) -> None:
        """Answer on a socket until a signal comes, and finish what was taken."""
        async with self._service.running():
            await self.serve([at])

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._stop) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.should_exit:
            os._exit(1)  # nothing is lost but answers
        logger.info("stopping: what was taken is finished; a second signal ends at once")
        self.should_exit = True


def _connections() -> int:
    """How many connections there may be; the system's limit on open files is raised for them."""
    try:
        import resource
    except ImportError:  # Windows
        return MAX_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = MAX_CONNECTIONS + _OTHER_FILES
    if hard != resource.RLIM_INFINITY:
        files = min(files, hard)
    if soft != resource.RLIM_INFINITY and soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return files - _OTHER_FILES
