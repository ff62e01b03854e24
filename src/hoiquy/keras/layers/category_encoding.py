"""CategoryEncoding: whole numbers as one-hot or multi-hot vectors, or counts."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from hoiquy.keras.arguments import Argument
from hoiquy.keras.concrete import as_tensor
from hoiquy.keras.errors import KerasTypeError
from hoiquy.keras.kinds import POSITIVE, only
from hoiquy.keras.layers.calls import is_symbolic
from hoiquy.keras.layers.lookup_arguments import output_mode
from hoiquy.keras.layers.preprocessing import Preprocessing, as_outputs
from hoiquy.keras.vectorization.encoding import encoded_indices, encoded_shape, refuse_range


class CategoryEncoding(Preprocessing):
    """Vectors of `num_tokens` entries."""

    arguments = (
        Argument("num_tokens", kind=POSITIVE),
        Argument("output_mode", "multi_hot", output_mode("count", "one_hot", "multi_hot")),
        Argument("sparse", False, only(False, "outputs are dense arrays"), saved=False),
    )
    input_dtype = "int64"

    @property
    def takes_indices(self) -> bool:
        return True  # a model gives whole numbers to it as they are

    def __call__(self, inputs: Any, count_weights: Any = None, **kwargs: Any) -> Any:
        """As of all preprocessing layers; `count_weights` are those of the numbers, for counts."""
        if count_weights is None:
            return super().__call__(inputs, **kwargs)
        if is_symbolic(inputs) or self._settings["output_mode"] != "count":
            raise KerasTypeError(f"{self.name}: count_weights needs arrays and output_mode='count'")
        weights = np.atleast_1d(np.asarray(as_tensor(count_weights), np.float32))
        return as_outputs(self._encoded(self.as_values(inputs), weights))

    call = __call__

    def compute(self, values: Any) -> Any:
        return self._encoded(values, None)

    def _encoded(self, values: Any, weights: Any) -> Any:
        depth, indices = self._settings["num_tokens"], np.asarray(values)
        refuse_range(indices, depth, self.name)
        return encoded_indices(indices, self._settings["output_mode"], depth, weights)

    def compute_output_shape(self, input_shape: Any) -> Any:
        settings = self._settings
        shape = tuple(input_shape) or (1,)
        return encoded_shape(shape, settings["output_mode"], settings["num_tokens"])

    def output_dtype(self, dtypes: Sequence[str]) -> str:
        return "float32"
