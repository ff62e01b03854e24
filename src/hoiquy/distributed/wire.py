"""Messages between the processes of a training: a header in JSON, then arrays byte by byte.

Nothing that comes in is executed or unpickled, and no array has objects in it.
"""

import json
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LENGTH = struct.Struct("<I")
_LONGEST_HEADER = 1 << 24
_DTYPES = ("<f4", "<f8", "<i4", "<i8")
# A machine that was cut off says nothing any more: it is asked after a minute, six times.
_KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 6}

FAILED = "failed"  # the kind of the last message of a process that gives up; it has a reason


class LostError(Exception):
    """Another process of the training is gone, or says what it should not."""


@dataclass(frozen=True)
class Message:
    """facts: whatever JSON can hold; floats come out with the same bits."""

    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def parts(self) -> list[bytes | memoryview]:
        """What goes over the wire, one after the other."""
        arrays = {name: np.asarray(array, order="C") for name, array in self.arrays.items()}
        shapes = [(name, array.dtype.str, array.shape) for name, array in arrays.items()]
        header = json.dumps([self.kind, dict(self.facts), shapes]).encode()
        bodies = [_bytes_of(array) for array in arrays.values() if array.size]
        return [_LENGTH.pack(len(header)) + header, *bodies]


class Connection:
    """Messages over a socket, both ways. One thread may send while another one receives."""

    def __init__(self, connected: socket.socket, name: str, seconds: float) -> None:
        """name: of the other side. seconds: within which it has to take what is sent."""
        self.socket, self.name = connected, name
        connected.settimeout(seconds)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _KEEPALIVE.items():
            if hasattr(socket, option):
                connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)

    def send(self, message: Message) -> None:
        """Raises LostError if the other side is gone, or takes nothing for too long."""
        try:
            for part in message.parts():
                self.socket.sendall(part)
        except OSError as error:
            raise LostError(f"{self.name} takes nothing: {error}") from error

    def receive(self) -> Message:
        """The next message, however long it takes to come.

        Raises LostError when the other side is gone, or what comes is no message.
        """
        try:
            return self._receive()
        except LostError as error:
            raise LostError(f"{self.name}: {error}") from error.__cause__

    def end(self) -> None:
        """Wake whoever waits at either side; `close` is for when nobody does."""
        with suppress(OSError):  # it has ended already
            self.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.end()
        self.socket.close()

    def _receive(self) -> Message:
        prefix = bytearray(_LENGTH.size)
        self._read(memoryview(prefix))
        (length,) = _LENGTH.unpack(prefix)
        if length > _LONGEST_HEADER:
            raise LostError(f"no message: its header claims {length:,} bytes")
        try:
            header = bytearray(length)
            self._read(memoryview(header))
            kind, facts, shapes = json.loads(header)
            arrays = {name: _empty(dtype, shape) for name, dtype, shape in shapes}
            message = Message(str(kind), dict(facts), arrays)
        except (ValueError, TypeError, RecursionError, MemoryError) as error:
            raise LostError(f"no message: {error}") from error
        for array in arrays.values():
            if array.size:
                self._read(_bytes_of(array))
        return message

    def _read(self, view: memoryview) -> None:
        """Fill it."""
        done = 0
        while done < len(view):
            try:
                count = self.socket.recv_into(view[done:])
            except TimeoutError:
                continue
            except OSError as error:
                raise LostError(f"the connection broke: {error}") from error
            if count == 0:
                raise LostError("the connection has ended")
            done += count


def _bytes_of(array: NDArray[Any]) -> memoryview:
    return memoryview(np.ascontiguousarray(array).reshape(-1)).cast("B")  # type: ignore[arg-type]


def _empty(dtype: str, shape: list[int]) -> NDArray[Any]:
    """Raises ValueError for numbers that are not sent, and for shapes that are none."""
    if dtype not in _DTYPES or not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError(f"an array of {dtype!r} and shape {shape!r}"[:200])
    if prod(shape) > 1 << 40:
        raise ValueError(f"an array of shape {shape}")
    return np.empty(shape, dtype)
