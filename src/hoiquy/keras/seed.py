"""The seed of `set_random_seed`: what is random in the engine derives from it.

Every initialisation and every training takes its own seed from `next_seed`. After `set_seed(n)` the
sequence of these seeds is always the same; before, each is fresh from the operating system.
"""

import hashlib
import secrets
import threading

from numpy.random import Generator, Philox

_BITS = 63  # so that a seed fits into a signed integer

_lock = threading.Lock()
_seed: int | None = None
_taken = 0


def set_seed(n: int) -> None:
    """Start the sequence of seeds that belongs to `n`."""
    global _seed, _taken
    with _lock:
        _seed, _taken = int(n), 0


def next_seed() -> int:
    """Return the next seed, at least 0 and below 2**63.

    It is a hash of the seed set and the number of seeds taken since; a fresh random number if no
    seed was set.
    """
    global _taken
    with _lock:
        if _seed is None:
            return secrets.randbits(_BITS)
        digest = hashlib.blake2b(f"{_seed}:{_taken}".encode(), digest_size=8).digest()
        _taken += 1
    return int.from_bytes(digest, "little") >> (64 - _BITS)


def next_generator() -> Generator:
    """A generator of random numbers with the next seed."""
    return Generator(Philox(key=next_seed()))
