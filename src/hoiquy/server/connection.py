"""Deadlines of a connection that uvicorn does not have.

uvicorn limits the time between two requests only. `Connection` hands everything to uvicorn's own
HTTP protocol and closes the connection when a request's head, or the rest of a refused body, does
not arrive in time. The middleware `RequestLimits` reports where requests begin and end.
"""

import asyncio
from typing import Any, cast

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from hoiquy.server.settings import HEAD_SECONDS, IDLE_SECONDS, LINGER_SECONDS, MAX_HEAD_BYTES

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
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._http.connection_made(self._transport)
        self._close_in(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._close_in(None)
        self._http.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._http.data_received(data)
        if self._in_request:
            return
        self._head_bytes += len(data)
        if self._deadline is None:
            self._close_in(HEAD_SECONDS)
        if self._head_bytes > MAX_HEAD_BYTES:
            # A request that is complete begins in its own task, which was scheduled before this.
            self._loop.call_soon(self._refuse_large_head)

    def eof_received(self) -> None:
        self._http.eof_received()

    def pause_writing(self) -> None:
        self._http.pause_writing()

    def resume_writing(self) -> None:
        self._http.resume_writing()

    def request_began(self) -> None:
        """The head of a request is complete."""
        self._in_request = True
        self._close_in(None)

    def request_ended(self, body_complete: bool) -> None:
        """The response is sent. The rest of a body that was not read is discarded for a while, so
        that the client gets to read the response."""
        self._in_request = not body_complete
        self._head_bytes = 0
        if not body_complete:
            self._close_in(LINGER_SECONDS)
        elif self._transport.is_closing():  # a client that does not read keeps it open
            self._close_in(IDLE_SECONDS)

    def _refuse_large_head(self) -> None:
        if not self._in_request and not self._transport.is_closing():
            self._transport.write(_HEAD_TOO_LARGE)
            self._transport.close()

    def _close_in(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if seconds is not None:
            self._deadline = self._loop.call_later(seconds, self._transport.abort)
