"""What inputs a layer of a script expects: `self.input_spec = [InputSpec(ndim=3)]`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hoiquy.keras.errors import KerasError
from hoiquy.keras.tensors import Shape


@dataclass(repr=False)
class InputSpec:
    """The expected shape of one input, with the batch axis. Source: `keras.layers.InputSpec`.

    Args:
        dtype: Kept, not checked: numbers are float32.
        shape: The sizes of all axes, None for any size.
        ndim: The number of axes.
        max_ndim: The largest number of axes.
        min_ndim: The smallest number of axes.
        axes: The sizes of some axes, by their numbers, None for any size.
        allow_last_axis_squeeze: Kept, not used.
        name: Kept, not used.
        optional: Kept, not used.
    """

    dtype: Any = None
    shape: Any = None
    ndim: int | None = None
    max_ndim: int | None = None
    min_ndim: int | None = None
    axes: Mapping[Any, int | None] | None = field(default_factory=dict)
    allow_last_axis_squeeze: bool = False
    name: str | None = None
    optional: bool = False

    def __post_init__(self) -> None:
        if self.shape is not None:
            self.shape = tuple(self.shape)
            self.ndim = len(self.shape)
        self.axes = {int(axis): size for axis, size in (self.axes or {}).items()}

    def fault(self, shape: Shape) -> str | None:
        """What is wrong with an input of this shape, or None."""
        count = len(shape)
        if self.ndim is not None and count != self.ndim:
            return f"expected ndim={self.ndim}"
        if self.max_ndim is not None and count > self.max_ndim:
            return f"expected max_ndim={self.max_ndim}"
        if self.min_ndim is not None and count < self.min_ndim:
            return f"expected min_ndim={self.min_ndim}"
        sizes = {**dict(enumerate(self.shape or ())), **(self.axes or {})}
        for axis, size in sizes.items():
            if not -count <= axis < count:
                return f"expected an axis {axis}"
            if None not in (size, shape[axis]) and shape[axis] != size:
                return f"expected {size} on axis {axis}"
        return None


def check_inputs(layer: str, specs: Any, shapes: Sequence[Shape]) -> None:
    """Raise KerasError if an input of a layer is not as the layer's `input_spec` says."""
    listed = list(specs) if isinstance(specs, list | tuple) else [specs]
    if specs is None or len(listed) != len(shapes):
        return  # Keras takes as many as it has
    for spec, shape in zip(listed, shapes, strict=True):
        fault = spec.fault(shape) if isinstance(spec, InputSpec) else None
        if fault is not None:
            raise KerasError(f"{layer}: input of shape {tuple(shape)}; {fault} (its input_spec)")
