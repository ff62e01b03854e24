"""Texts as the input of a model: their indices where one layer takes them, else the texts."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from hoiquy.keras.concrete import STRING, as_tensor
from hoiquy.keras.errors import KerasError
from hoiquy.keras.layers.base import Layer
from hoiquy.keras.models.network import Network
from hoiquy.keras.tensors import AnyArray, KerasTensor


def holds_texts(value: Any) -> bool:
    """Whether an array, a pandas object or a list is of texts, by its first entry."""
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    while isinstance(value, list | tuple) and value:
        value = value[0]
    if isinstance(value, np.ndarray) and value.dtype.kind == "O" and value.size:
        value = value.flat[0]
    return isinstance(value, str | bytes) or getattr(value, "dtype", np.dtype(int)).kind in "US"


def text_input(value: Any, tensor: KerasTensor, network: Network, what: str) -> AnyArray:
    """The texts of an input, or the indices that the only layer which takes it makes of them.

    Args:
        value: Texts, (rows,) or (rows, 1).
        tensor: The input.
        network: Of the model.
        what: A name for errors.

    Raises:
        KerasError: These are no texts, or of another shape.
    """
    texts = as_tensor(value, STRING, what)
    if texts.ndim == 0:
        texts = texts[None]
    rank = len(tensor.shape)
    if texts.ndim == rank - 1 and tensor.shape[-1] in (1, None):
        texts = texts[..., None]
    elif texts.ndim == rank + 1 and texts.shape[-1] == 1:
        texts = texts[..., 0]
    if texts.ndim != rank:
        raise KerasError(f"{what} has shape {texts.shape}, expected {tensor.shape}")
    layers = {id(layer): layer for layer in _takers(network, tensor)}
    if len(layers) == 1:
        (layer,) = layers.values()
        rows: AnyArray | None = layer.rows_of(texts) if hasattr(layer, "rows_of") else None
        if rows is not None:
            return rows
    return texts.view(np.ndarray)


def _takers(network: Network, tensor: KerasTensor) -> Iterator[Any]:
    """The layers that take an input, those within models included; None for an output."""
    if any(tensor is output for output in network.outputs):
        yield None
    for node in network.consumers(tensor):
        inner = getattr(node.layer, "network", None)
        if isinstance(inner, Network) and isinstance(node.layer, Layer):
            place = next(i for i, each in enumerate(node.inputs) if each is tensor)
            yield from _takers(inner, inner.inputs[place])
        else:
            yield node.layer
