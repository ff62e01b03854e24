"""The base of preprocessing layers: values in, numbers out, without weights and gradients."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, ClassVar

import numpy as np

from hoiquy.keras.concrete import STRING, as_tensor
from hoiquy.keras.errors import KerasError, KerasTypeError
from hoiquy.keras.layers.base import Layer
from hoiquy.keras.layers.calls import is_symbolic
from hoiquy.keras.layers.dtype import dtype_policy
from hoiquy.keras.pipeline.base import Elements
from hoiquy.keras.tensors import AnyArray, EagerTensor, Shape, eager_tensor
from hoiquy.keras.vectorization.nn_layer import Preprocessed
from hoiquy.keras.vectorization.ragged import RaggedTensor
from hoiquy.nn.layers import Layer as NNLayer


class Preprocessing(Layer):
    """A layer that is called on values of a script, or is the first layer of a model.

    Attributes:
        input_dtype: Of an Input before it: "string" or "int64".
    """

    input_dtype: ClassVar[str] = "string"
    supports_masking = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.pop("dtype", None)  # of Keras' own computation, such as "string"
        super().__init__(*args, **kwargs)

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The numbers of some values, as a tensor; symbolic within a model.

        Args:
            inputs: A value, a list, an array, a pandas object, or a symbolic tensor.
            *args: None.
            **kwargs: `training` and `mask`, which have no effect on values.

        Raises:
            KerasError: The values do not fit the layer.
        """
        if is_symbolic(inputs):
            return super().__call__(inputs, *args, **kwargs)
        return as_outputs(self.compute(self.as_values(inputs)))

    call = __call__

    def compute(self, values: Any) -> Any:
        """The numbers of tensors of values. Raises KerasError."""
        raise NotImplementedError

    def as_values(self, inputs: Any) -> Any:
        """A tensor of the values of a call."""
        if isinstance(inputs, RaggedTensor):
            return inputs
        kind = STRING if self.input_dtype == "string" else np.int64
        return as_tensor(inputs, kind, f"the input of {self.name}")

    def compute_output_shape(self, input_shape: Any) -> Any:
        raise NotImplementedError

    def rows_of(self, values: Any) -> AnyArray | None:
        """What models may take in place of texts: indices, int32, computed once.

        PaddedRows where their number depends on the texts; None for vectors, which are computed for
        each batch, as they are large.
        """
        return None

    def create(self, shapes: Sequence[Shape]) -> NNLayer:
        return Preprocessed(
            self.name, compute=self._numbers, shape_of=self.compute_output_shape,
            takes_texts=self.input_dtype == "string", type_of_layer=type(self).__name__,
        )  # fmt: skip

    def _numbers(self, values: AnyArray) -> AnyArray:
        """What the next layers of a model take: float32, or indices."""
        kind = np.int64 if self.input_dtype != "string" else None
        outputs = self.compute(eager_tensor(values if kind is None else values.astype(kind), None))
        if isinstance(outputs, RaggedTensor):
            outputs = outputs.to_tensor()
        plain = np.asarray(outputs)
        return plain.astype(np.int32) if plain.dtype.kind == "i" else plain

    def output_dtype(self, dtypes: Sequence[str]) -> str:
        return "float32"

    def base_config(self) -> dict[str, Any]:
        """The part of the configuration that all layers have."""
        return {"name": self.name, "trainable": self._trainable, "dtype": dtype_policy()}


def as_outputs(values: Any) -> Any:
    """What a call returns."""
    return values if isinstance(values, RaggedTensor | EagerTensor) else eager_tensor(values, None)


def batches_to_adapt(data: Any, owner: str, steps: int | None = None) -> Iterable[Any] | None:
    """The batches that `adapt` takes: of a data set or a generator; None for arrays and lists.

    Raises:
        KerasError: A data set has no end.
        KerasTypeError: Its elements are pairs of texts and labels.
    """
    is_array = isinstance(data, list | tuple | np.ndarray | str | RaggedTensor)
    if is_array or hasattr(data, "to_numpy") or not hasattr(data, "__iter__"):
        return None
    if steps is None and isinstance(data, Elements) and data.is_infinite:
        raise KerasError(f"{owner}: the data set of adapt has no end: give steps=…")
    return _checked(islice(data, steps), owner)


def _checked(batches: Iterable[Any], owner: str) -> Iterable[Any]:
    for batch in batches:
        if isinstance(batch, tuple | dict):
            raise KerasTypeError(
                f"{owner}: adapt takes one tensor for each element, got {len(batch)}: "
                "select the texts, for example by dataset.map(lambda text, label: text)"
            )
        yield batch
