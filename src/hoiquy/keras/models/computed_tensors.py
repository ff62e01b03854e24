"""Tensors of a model as a function of arrays: `keras.backend.function`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.random import Generator, Philox

from hoiquy.keras.errors import KerasError
from hoiquy.keras.late import late
from hoiquy.keras.seed import next_seed
from hoiquy.keras.structures import flatten
from hoiquy.keras.tensors import EagerTensor, KerasTensor
from hoiquy.nn.layers import Context
from hoiquy.nn.shards import one_blas_thread


class ComputedTensors:
    """Computes some tensors of a model for arrays in place of its inputs."""

    def __init__(self, inputs: Any, outputs: Any) -> None:
        """Connect inputs and outputs; what is no tensor among the inputs is the learning phase."""
        given = flatten(inputs)
        self._is_tensor = [isinstance(one, KerasTensor) for one in given]
        tensors = [one for one in given if isinstance(one, KerasTensor)]
        self._in_list = isinstance(outputs, list | tuple)
        self._model = late("models.model").Model(tensors, list(flatten(outputs)))

    def __call__(self, inputs: Any) -> Any:
        """The outputs, a list if they were given as one. Raises KerasError for missing inputs."""
        given = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
        if len(given) not in (len(self._is_tensor), sum(self._is_tensor)):
            raise KerasError(f"expected {len(self._is_tensor)} inputs, got {len(given)}")
        phases = [x for x, is_tensor in zip(given, self._is_tensor, strict=False) if not is_tensor]
        arrays = self._arrays(given)
        outputs = [np.asarray(y).view(EagerTensor) for y in self._outputs(arrays, any(phases))]
        return outputs if self._in_list else outputs[0]

    def _arrays(self, given: Sequence[Any]) -> list[Any]:
        chosen = [x for x, is_tensor in zip(given, self._is_tensor, strict=False) if is_tensor]
        tensors = self._model.inputs
        return [np.asarray(x, tensor.dtype) for x, tensor in zip(chosen, tensors, strict=True)]

    def _outputs(self, arrays: Sequence[Any], training: bool) -> list[Any]:
        if not training:
            return list(self._model.trainer_for_predictions().predict_batch(arrays))
        key = next_seed()

        def generator(position: int) -> Generator:
            return Generator(Philox(key=np.array([key & (2**63 - 1), position], np.uint64)))

        with one_blas_thread():
            context = Context(None, slice(0, len(arrays[0])), wants_d_inputs=False)
            return list(self._model.graph.forward(arrays, generator, context=context).outputs)
