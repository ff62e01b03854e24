"""One layer of a Keras model, as its config describes it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class KerasLayer:
    """A layer: Keras' class, its name, its config, and where its weights lie in the file."""

    kind: str
    name: str
    config: dict[str, Any]
    weights: str
