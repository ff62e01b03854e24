"""StringLookup and IntegerLookup: values to their indices in a vocabulary, and back."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from hoiquy.keras.arguments import Argument
from hoiquy.keras.concrete import STRING, as_tensor
from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.keras.kinds import BOOLEAN, INTEGER, POSITIVE, choice, only, optional
from hoiquy.keras.layers.lookup_arguments import (
    VOCABULARY,
    WEIGHTS,
    check_sizes,
    output_mode,
)
from hoiquy.keras.layers.preprocessing import as_outputs
from hoiquy.keras.layers.with_vocabulary import WithVocabulary
from hoiquy.keras.tensors import AnyArray
from hoiquy.keras.vectorization.encoding import encoded_shape
from hoiquy.keras.vectorization.ragged import RaggedTensor
from hoiquy.keras.vectorization.vocabulary import MODES, Vocabulary, special_token

_DENSE = "outputs are dense arrays"
_MODE = output_mode(*MODES)


class _Lookup(WithVocabulary):
    """What both layers have in common."""

    token_type: ClassVar[np.dtype[Any]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        size = kwargs.pop("vocabulary_size", None)
        fixed = kwargs.pop("has_input_vocabulary", None)
        super().__init__(*args, **kwargs)
        values = self._settings
        check_sizes(self.name, values)
        if values["invert"] and values["output_mode"] != "int":
            raise KerasError(f"{self.name}: invert=True needs output_mode='int'")
        mask, unknown = (
            special_token(values[name], self.token_type) for name in ("mask_token", "oov_token")
        )
        vocabulary = Vocabulary(
            self.name, self.token_type, values["max_tokens"], values["num_oov_indices"], mask,
            unknown, values["output_mode"], values["pad_to_max_tokens"], size,
        )  # fmt: skip
        self._use(vocabulary, fixed)

    def check_settings(self) -> None:
        if self._settings["num_oov_indices"] < 0:
            raise KerasError(f"{self.name}: num_oov_indices is below 0")

    def as_values(self, inputs: Any) -> Any:
        if isinstance(inputs, RaggedTensor):
            return inputs
        what = f"the input of {self.name}"
        return as_tensor(inputs, np.int64 if self._settings["invert"] else self.token_type, what)

    def tokens_to_count(self, values: Any) -> Any:
        return np.atleast_1d(values) if not isinstance(values, RaggedTensor) else values

    def compute(self, values: Any) -> Any:
        if self._settings["invert"]:
            return self._vocabulary.tokens_of(values)
        indices = self._vocabulary.indices(values)
        return as_outputs(self._vocabulary.vectors(indices))

    def compute_output_shape(self, input_shape: Any) -> Any:
        if self._settings["output_mode"] == "int":
            return tuple(input_shape)
        mode, depth = self._settings["output_mode"], self._vocabulary.depth()
        return encoded_shape(tuple(input_shape), mode, depth)

    def output_dtype(self, dtypes: Sequence[str]) -> str:
        if self._settings["invert"]:
            return "string" if self.token_type == STRING else "int64"
        return "int64" if self._settings["output_mode"] == "int" else "float32"

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        own = {each.name: each.kind.to_config(self._settings[each.name]) for each in self.arguments}
        return self.base_config() | own | {"vocabulary_size": self._vocabulary.depth()}


class StringLookup(_Lookup):
    """Texts to their indices; with `invert` indices to texts."""

    arguments = (
        Argument("max_tokens", None, optional(POSITIVE)),
        Argument("num_oov_indices", 1, INTEGER),
        Argument("mask_token", None),
        Argument("oov_token", "[UNK]"),
        Argument("vocabulary", None, VOCABULARY),
        Argument("idf_weights", None, WEIGHTS),
        Argument("invert", False, BOOLEAN),
        Argument("output_mode", "int", _MODE),
        Argument("pad_to_max_tokens", False, BOOLEAN),
        Argument("sparse", False, only(False, _DENSE)),
        Argument("encoding", "utf-8", only("utf-8", "texts are UTF-8")),
        Argument("oov_method", "floormod", choice("floormod"), saved=False),
        Argument("salt", None, only(None, "unknown texts share one index")),
    )
    token_type = STRING

    def check_settings(self) -> None:
        super().check_settings()
        if self._settings["num_oov_indices"] > 1:
            raise NotSupportedError(
                f"{self.name}: num_oov_indices above 1 is not supported for texts: use "
                "num_oov_indices=1"
            )

    def rows_of(self, values: Any) -> AnyArray | None:
        if self._settings["output_mode"] != "int" or self._settings["invert"]:
            return None
        return np.asarray(self._vocabulary.indices(values), np.int32)


class IntegerLookup(_Lookup):
    """Whole numbers to their indices; with `invert` indices to numbers."""

    arguments = (
        Argument("max_tokens", None, optional(POSITIVE)),
        Argument("num_oov_indices", 1, INTEGER),
        Argument("mask_token", None, optional(INTEGER)),
        Argument("oov_token", -1, optional(INTEGER)),
        Argument("vocabulary", None, VOCABULARY),
        Argument("vocabulary_dtype", "int64", only("int64", "indices are int64")),
        Argument("idf_weights", None, WEIGHTS),
        Argument("invert", False, BOOLEAN),
        Argument("output_mode", "int", _MODE),
        Argument("sparse", False, only(False, _DENSE)),
        Argument("pad_to_max_tokens", False, BOOLEAN),
        Argument("oov_method", "floormod", only("floormod", "unknown numbers are taken modulo")),
        Argument("salt", None, only(None, "unknown numbers are taken modulo")),
    )
    token_type = np.dtype(np.int64)
    input_dtype = "int64"

    @property
    def takes_indices(self) -> bool:
        return True  # a model gives whole numbers to it as they are
