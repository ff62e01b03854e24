"""TextVectorization: texts to word indices, or to vectors of counts."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from hoiquy.keras.arguments import Argument
from hoiquy.keras.concrete import STRING
from hoiquy.keras.errors import KerasError
from hoiquy.keras.kinds import BOOLEAN, POSITIVE, Kind, only, optional
from hoiquy.keras.layers.lookup_arguments import (
    VOCABULARY,
    WEIGHTS,
    check_sizes,
    output_mode,
    plain_list,
)
from hoiquy.keras.layers.preprocessing import as_outputs
from hoiquy.keras.layers.with_vocabulary import WithVocabulary
from hoiquy.keras.tensors import AnyArray
from hoiquy.keras.vectorization import functions
from hoiquy.keras.vectorization.encoding import encoded_shape
from hoiquy.keras.vectorization.ragged import RaggedTensor
from hoiquy.keras.vectorization.standards import (
    SPLITS,
    STANDARDS,
    ngrams_of,
    split_texts,
    standardized,
)
from hoiquy.keras.vectorization.vocabulary import Vocabulary
from hoiquy.training.arrays import PaddedRows

_DENSE = "outputs are dense arrays"


def _ngrams(value: Any, where: str) -> Any:
    if value is None or (isinstance(value, int) and value > 0):
        return value
    if isinstance(value, list | tuple) and all(isinstance(one, int) for one in value):
        return tuple(value)
    raise KerasError(f"{where}={value!r}, expected a number, a tuple of numbers, or None")


class TextVectorization(WithVocabulary):
    """Texts, standardized and split into tokens, as their indices in a vocabulary.

    Keras' own order of work: standardize, split, ngrams, look up, and in the mode "int" pad or cut.
    """

    arguments = (
        Argument("max_tokens", None, optional(POSITIVE)),
        Argument("standardize", STANDARDS[0], functions.kind(STANDARDS)),
        Argument("split", "whitespace", functions.kind(SPLITS)),
        Argument("ngrams", None, Kind(_ngrams, to_config=plain_list)),
        Argument("output_mode", "int", output_mode("int", "multi_hot", "count", "tf_idf")),
        Argument("output_sequence_length", None, optional(POSITIVE)),
        Argument("pad_to_max_tokens", False, BOOLEAN),
        Argument("vocabulary", None, VOCABULARY),
        Argument("idf_weights", None, WEIGHTS),
        Argument("sparse", False, only(False, _DENSE)),
        Argument("ragged", False, only(False, _DENSE)),
        Argument("encoding", "utf-8", only("utf-8", "texts are UTF-8")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        size = kwargs.pop("vocabulary_size", None)
        fixed = kwargs.pop("has_input_vocabulary", None)
        super().__init__(*args, **kwargs)
        values = self._settings
        check_sizes(self.name, values)
        if values["output_mode"] != "int" and values["output_sequence_length"] is not None:
            raise KerasError(
                f"{self.name}: output_sequence_length needs output_mode='int', not "
                f"{values['output_mode']!r}"
            )
        vocabulary = Vocabulary(
            self.name, STRING, values["max_tokens"], 1, b"", b"[UNK]", values["output_mode"],
            values["pad_to_max_tokens"], size,
        )  # fmt: skip
        self._use(vocabulary, fixed)

    def tokens_to_count(self, values: Any) -> Any:
        settings = self._settings
        tokens = split_texts(standardized(values, settings["standardize"]), settings["split"])
        ngrams = settings["ngrams"]
        if ngrams is None:
            return tokens
        return ngrams_of(tokens, range(1, ngrams + 1) if isinstance(ngrams, int) else ngrams)

    def compute(self, values: Any) -> Any:
        indices = self._vocabulary.indices(self.tokens_to_count(values))
        if self._settings["output_mode"] != "int":
            return as_outputs(self._vocabulary.vectors(indices))
        length = self._settings["output_sequence_length"]
        if isinstance(indices, RaggedTensor):
            return indices.to_tensor(0, (None, length))
        return indices if length is None else _fitted(np.asarray(indices), length)

    def compute_output_shape(self, input_shape: Any) -> Any:
        settings = self._settings
        if settings["output_mode"] == "int":
            return (input_shape[0], settings["output_sequence_length"])
        if settings["split"] is not None:
            shape = (input_shape[0], None)
        else:
            shape = input_shape if len(input_shape) > 1 else (*input_shape, 1)
        return encoded_shape(shape, settings["output_mode"], self._vocabulary.depth())

    def output_dtype(self, dtypes: Sequence[str]) -> str:
        return "int64" if self._settings["output_mode"] == "int" else "float32"

    def rows_of(self, values: Any) -> AnyArray | None:
        if self._settings["output_mode"] != "int":
            return None
        if self._settings["output_sequence_length"] is not None:
            return self._numbers(values)
        indices = self._vocabulary.indices(self.tokens_to_count(values))
        if not isinstance(indices, RaggedTensor):
            return np.asarray(indices, np.int32)
        rows = np.asarray(indices.to_tensor(0), np.int32)
        return PaddedRows.of(rows, np.asarray(indices.row_lengths()))

    def get_config(self) -> dict[str, Any]:
        """The arguments; functions of the script by their names."""
        own = {each.name: each.kind.to_config(self._settings[each.name]) for each in self.arguments}
        return self.base_config() | own | {"vocabulary_size": self.vocabulary_size()}


def _fitted(indices: AnyArray, length: int) -> AnyArray:
    """The last axis cut or filled up with zeros."""
    cut = indices[..., :length]
    missing = length - cut.shape[-1]
    return np.pad(cut, [(0, 0)] * (cut.ndim - 1) + [(0, missing)])
