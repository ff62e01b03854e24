"""The process of `hoiquy serve`: its socket, its signals, uvicorn's settings."""

import logging
import os
import signal
import socket
import threading
from types import FrameType

import uvicorn
from fastapi import FastAPI

from hoiquy.errors import HoiquyError
from hoiquy.server.app import create_app
from hoiquy.server.connection import Connection
from hoiquy.server.settings import IDLE_SECONDS, MAX_CONNECTIONS, STOP_SECONDS, Settings

logger = logging.getLogger(__name__)
_BACKLOG = 2048
_OTHER_FILES = 256  # that may be open besides connections


def listening(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free port. Raises HoiquyError."""
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
    """Serve until SIGINT or SIGTERM, then finish the requests in progress.

    A second signal ends the process at once.
    """
    server = server_of(create_app(settings))
    signalled = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal signalled
        if signalled:
            os._exit(1)  # only responses are lost
        signalled = True
        logger.info("stopping: finishing the requests in progress; a second signal ends at once")
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    # In the main thread uvicorn would handle signals itself, and end as killed by the signal.
    thread = threading.Thread(target=server.run, args=[[at]], name="server")
    thread.start()
    thread.join()
    if not signalled:
        raise HoiquyError("the server stopped by itself; the log has the reason")


def server_of(app: FastAPI) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_max_connections(),
        backlog=_BACKLOG,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    return uvicorn.Server(config)


def _max_connections() -> int:
    """How many connections to accept; raises the process's limit on open files for them."""
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
