"""How much one request may ask for, and how long things may take.

Every number keeps one caller from taking what the others need: memory, the engine, connections.
"""

from dataclasses import dataclass

MAX_BODY_BYTES = 2 * 2**20
MAX_TEXTS = 256  # in a request
MAX_CHARACTERS = 50_000  # of a text; the longest review of IMDB has 14,000
MAX_EXPLAINED_WORDS = 2_000  # each is another reading of the text so far

HEAD_SECONDS = 10.0  # for a request's line and headers to arrive
BODY_SECONDS = 20.0  # for its body
LINGER_SECONDS = 5.0  # for the rest of a body that was refused
IDLE_SECONDS = 65  # a connection between two requests; proxies keep theirs for 60
MAX_HEAD_BYTES = 32 * 2**10
MAX_CONNECTIONS = 8_192
BODIES_BYTES = 64 * 2**20  # of all that are being read at once

LOOK_SECONDS = 2.0  # between two looks at the served folder
RETRY_SECONDS = 1  # what `Retry-After` says: the queue is short, so it is empty by then
STOP_SECONDS = 30  # for what was taken to be finished when the service stops


@dataclass(frozen=True)
class Limits:
    """What a service's owner may set.

    waiting: documents that are taken and not answered; more are turned away.
    batch: documents that the network reads together.
    answer_seconds: a request that waits longer is given up.
    models: networks that are kept in memory; the one that was asked longest ago makes room.
    """

    waiting: int = 1024
    batch: int = 128
    answer_seconds: float = 30.0
    models: int = 16
