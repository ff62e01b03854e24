"""What is served, and to whom."""

from dataclasses import dataclass, field
from pathlib import Path

from hoiquy.server.limits import Limits


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
