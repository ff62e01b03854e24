"""What is served and to whom, and the limits of a service.

Each limit keeps one client from taking what the others need: memory, the engine, connections.
"""

from dataclasses import dataclass, field
from pathlib import Path

MAX_BODY_BYTES = 2 * 2**20
MAX_REQUEST_BYTES = 8 * MAX_BODY_BYTES  # while it is answered: chunks, and what is pipelined
MAX_TEXTS = 256  # in a request
MAX_CHARACTERS = 50_000  # of a text; the longest review of IMDB has 14,000
MAX_EXPLAINED_WORDS = 2_000  # each is another prefix that the network reads

HEAD_SECONDS = 10.0  # for a request's line and headers to arrive
BODY_SECONDS = 20.0  # for its body
LINGER_SECONDS = 5.0  # for the rest of a refused body
IDLE_SECONDS = 65  # between two requests of a connection; proxies keep theirs open for 60
MAX_HEAD_BYTES = 32 * 2**10
MAX_CONNECTIONS = 8_192
MAX_TOTAL_BODY_BYTES = 64 * 2**20  # of all requests in progress

REFRESH_SECONDS = 2.0  # between two looks at the served folder
RETRY_SECONDS = 1  # the value of `Retry-After`: the queue is short, so it is empty by then
STOP_SECONDS = 30  # to finish the requests in progress when the service stops


@dataclass(frozen=True)
class Limits:
    """What the operator of a service may set.

    waiting: texts that are accepted and not answered; requests beyond are refused.
    batch: texts that the network reads together.
    answer_seconds: a request that waits longer is given up.
    models: networks kept in memory; the least recently used one is dropped.
    """

    waiting: int = 1024
    batch: int = 128
    answer_seconds: float = 30.0
    models: int = 16


@dataclass(frozen=True)
class Settings:
    """What the operator of a service chooses.

    root: a run, or a folder of runs. key: the API key; without one every client is served.
    hosts: accepted names in the Host header; None for any. default: the model that predicts where a
    request names none; None for the most accurate.
    """

    root: Path
    key: str | None = None
    hosts: frozenset[str] | None = None
    default: str | None = None
    limits: Limits = field(default_factory=Limits)
