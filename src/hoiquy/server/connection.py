"""A connection that does not wait for ever: uvicorn's, with limits on a request's head.

uvicorn keeps time between two requests only. Here a caller who sends nothing at first, or a head
bit by bit, is hung up on, too; and a head and its short body leave in one piece.
"""

from asyncio import BaseTransport, TimerHandle, Transport
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hoiquy.server.limits import HEAD_SECONDS, IDLE_SECONDS, LINGER_SECONDS, MAX_HEAD_BYTES


class Connection(HttpToolsProtocol):
    """One caller's connection."""

    _deadline: TimerHandle | None = None
    _head_bytes = 0  # of the head that is arriving
    _body_comes = False

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(cast(Transport, _Joining(cast(Transport, transport))))
        self._end_in(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_in(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._body_comes:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The request's head is too large.")
        elif self._head_bytes and self._deadline is None:
            self._end_in(HEAD_SECONDS)

    def on_headers_complete(self) -> None:
        self._head_bytes, self._body_comes = 0, True
        self._end_in(None)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._body_comes = False
        if self.cycle.response_complete:
            self._end_in(None)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        cast(_Joining, self.transport).flush()
        super().on_response_complete()
        if self._body_comes:  # what is still sent is thrown away: the answer gets through so
            self._end_in(LINGER_SECONDS)
        elif self.transport.is_closing():
            self._end_in(IDLE_SECONDS)

    def timeout_keep_alive_handler(self) -> None:
        self.transport.abort()  # `close` would wait for a caller who never reads

    def _end_in(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if seconds is not None:
            self._deadline = self.loop.call_later(seconds, self.timeout_keep_alive_handler)


class _Joining:
    """A transport that keeps the head of an answer until its body follows."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(b"HTTP/1.1 ") and data.endswith(b"\r\n\r\n") and data[9:10] != b"1":
            self._head = data
            return
        self._transport.write(data)

    def flush(self) -> None:
        if self._head:
            self.write(b"")

    def close(self) -> None:
        self.flush()
        self._transport.close()
