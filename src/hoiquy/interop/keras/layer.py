"""A layer of a Keras model."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class KerasLayer:
    """Keras' class, the layer's name, its config, and its weight group in the HDF5 file."""

    kind: str
    name: str
    config: dict[str, Any]
    weights: str
