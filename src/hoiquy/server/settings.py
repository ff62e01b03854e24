"""What is served, and to whom."""

from dataclasses import dataclass, field
from pathlib import Path

from hoiquy.server.limits import Limits


@dataclass(frozen=True)
class Settings:
    """root: a run, or a folder of runs. key: what callers must show; None lets everybody in.

    hosts: names in the Host header that are answered; None for any. default: the model's name that
    answers where none is named; None for the most accurate.
    """

    root: Path
    key: str | None = None
    hosts: frozenset[str] | None = None
    default: str | None = None
    limits: Limits = field(default_factory=Limits)
