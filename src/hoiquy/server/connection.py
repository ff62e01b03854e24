"""Limits on a connection that uvicorn does not have.

uvicorn limits the time between two requests only. `Connection` hands everything to uvicorn's own
HTTP protocol, and closes the connection when the head of a request is too large or too slow, or
when the rest of a refused body does not end. The middleware `RequestLimits` reports where requests
begin and end.
"""

import asyncio
import math
from typing import Any, cast

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from hoiquy.server.settings import (
    HEAD_SECONDS,
    IDLE_SECONDS,
    LINGER_SECONDS,
    MAX_HEAD_BYTES,
    MAX_REQUEST_BYTES,
)

_HEAD_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"connection: close\r\ncontent-length: 0\r\n\r\n"
)


class Connection(asyncio.Protocol):
    """One client's connection; uvicorn makes it (`uvicorn.Config(http=Connection)`)."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        # uvicorn copies the state into the scope of each request: the middleware finds us there.
        state = {**app_state, "connection": self}
        self._http = HttpToolsProtocol(config, server_state, state, _loop)
        self._loop = _loop or asyncio.get_running_loop()
        self._deadline: asyncio.TimerHandle | None = None
        self._in_request = False
        self._received, self._allowed = 0, float(MAX_HEAD_BYTES)  # bytes, since `_allow`

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._http.connection_made(self._transport)
        self._close_in(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._close_in(None)
        self._http.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._http.data_received(data)
        self._received += len(data)
        if self._deadline is None and not self._in_request:
            self._close_in(HEAD_SECONDS)
        if self._received > self._allowed:
            # If this was a complete head, its request begins in a task that is scheduled already.
            self._loop.call_soon(self._refuse_excess)

    def eof_received(self) -> None:
        self._http.eof_received()

    def pause_writing(self) -> None:
        self._http.pause_writing()

    def resume_writing(self) -> None:
        self._http.resume_writing()

    def request_began(self) -> None:
        """The head of a request is complete."""
        self._in_request = True
        self._allow(MAX_REQUEST_BYTES, seconds=None)

    def request_ended(self, body_complete: bool) -> None:
        """The response is sent.

        The rest of a body that was not read is discarded for a while: a client that sends it all
        before it reads still gets the response.
        """
        self._in_request = False
        if not body_complete:
            self._allow(math.inf, LINGER_SECONDS)
        else:  # a client that does not read keeps a closing connection open
            self._allow(MAX_HEAD_BYTES, IDLE_SECONDS if self._transport.is_closing() else None)

    def _allow(self, size: float, seconds: float | None) -> None:
        self._received, self._allowed = 0, size
        self._close_in(seconds)

    def _refuse_excess(self) -> None:
        if self._received <= self._allowed or self._transport.is_closing():
            return
        if self._in_request:
            self._transport.abort()
        else:
            self._transport.write(_HEAD_TOO_LARGE)
            self._transport.close()

    def _close_in(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if seconds is not None:
            self._deadline = self._loop.call_later(seconds, self._transport.abort)
