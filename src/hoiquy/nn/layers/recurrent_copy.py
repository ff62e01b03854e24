"""Copies of recurrent layers for wrappers that make their own."""

from dataclasses import replace
from typing import Any

from hoiquy.nn.layers.recurrent_base import Recurrent


def unbuilt_copy(layer: Recurrent, name: str, **settings: Any) -> Recurrent:
    """A layer with these and otherwise the same settings, not built."""
    return replace(layer, name=name, parameters={}, state={}, carried=[], **settings)
