"""The layers of a model and their connections, read off Keras' public attributes."""

from dataclasses import dataclass
from typing import Any

from hoiquy.keras.errors import KerasError


@dataclass(frozen=True)
class Box:
    """A layer: its name and class, its shapes (None where unknown) and further facts."""

    name: str
    kind: str
    inputs: list[tuple[int | None, ...]]
    outputs: list[tuple[int | None, ...]]
    dtype: str | None
    activation: str | None
    trainable: bool | None


@dataclass(frozen=True)
class Diagram:
    """Layers, inputs first, and pairs of their positions, from and to."""

    boxes: list[Box]
    edges: list[tuple[int, int]]


def diagram_of(model: Any) -> Diagram:
    """Return the diagram of a model, from `layers` and each layer's `input` and `output`.

    Where tensors are missing, layers follow each other. Raises KerasError, a ValueError, for a
    model without layers or one that is not built.
    """
    layers = list(getattr(model, "layers", ()))
    if not getattr(model, "built", True) or not layers:
        raise KerasError(
            "plot_model: the model has no layers or shapes yet; add an Input, or call build or fit "
            "first"
        )
    tensors = [(_tensors(layer, "input"), _tensors(layer, "output")) for layer in layers]
    boxes = [_box(layer, *both) for layer, both in zip(layers, tensors, strict=True)]
    maker = {id(tensor): at for at, (_, made) in enumerate(tensors) for tensor in made}
    edges = [
        (maker[id(tensor)], at)
        for at, (taken, _) in enumerate(tensors)
        for tensor in taken
        if maker.get(id(tensor), at) != at
    ]
    in_a_row = [(at, at + 1) for at in range(len(layers) - 1)]
    if not edges and "InputLayer" not in {box.kind for box in boxes[1:]}:
        edges = in_a_row
    return Diagram(boxes, list(dict.fromkeys(edges)))


def _tensors(layer: Any, name: str) -> list[Any]:
    try:
        value = getattr(layer, name)
    except (AttributeError, ValueError):  # not connected, or to several others
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _box(layer: Any, inputs: list[Any], outputs: list[Any]) -> Box:
    dtype = next((tensor.dtype for tensor in outputs if hasattr(tensor, "dtype")), None)
    activation = getattr(layer, "activation", None)
    return Box(
        str(layer.name),
        type(layer).__name__,
        [tuple(tensor.shape) for tensor in inputs],
        [tuple(tensor.shape) for tensor in outputs],
        None if dtype is None else str(dtype),
        None if activation is None else str(getattr(activation, "__name__", activation)),
        getattr(layer, "trainable", None),
    )
