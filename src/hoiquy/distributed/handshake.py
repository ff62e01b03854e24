"""Two processes prove to each other that they know the training's token, before anything is read.

Each side answers what the other one drew by chance with an HMAC of the token, so that the token
itself never travels (RFC 2104; challenge and response as in `multiprocessing.connection`). What
comes later is neither encrypted nor signed: the network between the machines has to be trusted.
"""

import hashlib
import hmac
import secrets
import socket
import time
from dataclasses import dataclass, field

from hoiquy.distributed.wire import LostError

_BYTES = 32
_ADMITTING_SECONDS = 20.0  # on a busy machine; others wait meanwhile


@dataclass(frozen=True)
class Invitation:
    """All that a worker has to know to join a training."""

    host: str
    port: int
    token: str = field(repr=False)
    threads: int


def admitted(listener: socket.socket, token: str) -> socket.socket | None:
    """The next guest; None if nobody came within the listener's timeout, or somebody else."""
    try:
        guest, _ = listener.accept()
    except TimeoutError:
        return None
    try:
        _admit(guest, token)
    except LostError:
        guest.close()
        return None
    return guest


def _admit(guest: socket.socket, token: str) -> None:
    """Raises LostError unless the guest shows in time that it knows the token."""
    mine, deadline = secrets.token_bytes(_BYTES), time.monotonic() + _ADMITTING_SECONDS
    try:
        guest.settimeout(_ADMITTING_SECONDS)
        guest.sendall(mine)
        theirs, proof = _exactly(guest, deadline), _exactly(guest, deadline)
        if not hmac.compare_digest(proof, _proof(token, "guest", mine, theirs)):
            raise LostError("it does not know the token of this training")
        guest.sendall(_proof(token, "host", mine, theirs))
    except OSError as error:
        raise LostError(f"it did not say who it is: {error}") from error


def join(host: socket.socket, token: str, seconds: float) -> None:
    """Show whom this process has connected to that it knows the token, and have it shown.

    Raises LostError unless that works in time.
    """
    mine, deadline = secrets.token_bytes(_BYTES), time.monotonic() + seconds
    try:
        theirs = _exactly(host, deadline)
        host.sendall(mine + _proof(token, "guest", theirs, mine))
        if not hmac.compare_digest(_exactly(host, deadline), _proof(token, "host", theirs, mine)):
            raise LostError("what answers there does not know the token of this training")
    except OSError as error:
        raise LostError(f"it did not say who it is: {error}") from error


def _proof(token: str, role: str, of_host: bytes, of_guest: bytes) -> bytes:
    return hmac.digest(token.encode(), role.encode() + of_host + of_guest, hashlib.sha256)


def _exactly(connected: socket.socket, deadline: float) -> bytes:
    """As many bytes as a proof and what it is a proof of have."""
    received = b""
    while len(received) < _BYTES:
        connected.settimeout(max(deadline - time.monotonic(), 0.001))
        more = connected.recv(_BYTES - len(received))
        if not more:
            raise LostError("the connection has ended")
        received += more
    return received
