"""Tokens and their indices: learnt from data or given, looked up, and counted as vectors.

Special tokens come first: with indices as outputs the mask token, then those of unknown tokens.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hoiquy.keras.concrete import STRING, as_tensor, decoded, encoded
from hoiquy.keras.errors import KerasError
from hoiquy.keras.tensors import AnyArray, EagerTensor, eager_tensor
from hoiquy.keras.vectorization.encoding import encoded_indices
from hoiquy.keras.vectorization.ragged import RaggedTensor

DROPPED = np.iinfo(np.int64).max  # the index of the mask token in vectors, where it does not count
MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")


@dataclass
class Vocabulary:
    """The tokens of a layer.

    owner: the layer's name, for errors.
    dtype: of the tokens: objects (bytes) or int64.
    max_tokens: the largest size, special tokens included.
    oov_indices: how many indices unknown tokens share.
    mask_token, oov_token: as tokens of `dtype`; None for no mask token.
    mode: one of `MODES`.
    pad: whether vectors have `max_tokens` entries.
    frozen_size: the size that a configuration says, while there are no tokens.
    fixed: whether the tokens were given, so that `adapt` may not change them.
    in_configuration: whether the layer's configuration has the tokens.
    tokens: without special ones, in the order of their indices.
    weights: of the indices in the mode "tf_idf", special tokens included.
    """

    owner: str
    dtype: np.dtype[Any]
    max_tokens: int | None
    oov_indices: int
    mask_token: Any
    oov_token: Any
    mode: str
    pad: bool
    frozen_size: int | None = None
    fixed: bool = False
    in_configuration: bool = False
    tokens: list[Any] = field(default_factory=list)
    weights: AnyArray | None = None

    def __post_init__(self) -> None:
        self._index: dict[Any, int] = {}
        self._counts: Counter[Any] = Counter()
        self._documents_with: Counter[Any] = Counter()
        self._documents = 0

    # Sizes

    @property
    def oov_start(self) -> int:
        """The first index of unknown tokens."""
        return 1 if self.mask_token is not None and self.mode == "int" else 0

    @property
    def start(self) -> int:
        """The index of the first token that is not special."""
        return self.oov_start + self.oov_indices

    def size(self) -> int:
        """The number of indices."""
        return self.start + len(self.tokens)

    def depth(self) -> int | None:
        """The entries of vectors; None while there are no tokens."""
        if self.pad:
            return self.max_tokens
        return self.size() if self.tokens else self.frozen_size

    def listed(self, special: bool = True) -> list[Any]:
        """The tokens in the order of their indices: texts as Python's, numbers as NumPy's."""
        before = [self.mask_token] * self.oov_start + [self.oov_token] * self.oov_indices
        tokens = [*before, *self.tokens] if special else self.tokens
        if self.dtype == STRING:
            return [decoded(token) for token in tokens]
        return [np.int64(token) for token in tokens]

    # Learning

    def forget(self) -> None:
        """Begin counting anew."""
        self._counts.clear()
        self._documents_with.clear()
        self._documents = 0

    def count(self, rows: Any) -> None:
        """Count the tokens of rows, or of one text. Raises KerasError if the tokens are fixed."""
        if self.fixed:
            raise KerasError(
                f"{self.owner}: adapt cannot change a vocabulary that was given: leave out "
                "vocabulary=…, or do not call adapt"
            )
        if not isinstance(rows, RaggedTensor):
            rows = np.asarray(rows)
            rows = list(rows.reshape(-1, rows.shape[-1]) if rows.ndim > 1 else rows.reshape(1, -1))
        else:
            rows = rows.rows
        for row in rows:
            tokens = row.ravel().tolist()
            self._counts.update(tokens)
            if self.mode == "tf_idf":
                self._documents_with.update(set(tokens))
        self._documents += len(rows)

    def learn(self) -> None:
        """Make tokens of what was counted: the most frequent first, of equally frequent the last.

        This is the order of Keras: of equal counts, tokens from Z to A, by their bytes.
        """
        for token in (self.mask_token, self.oov_token):
            self._counts.pop(token, None)
        if not self._counts:
            return
        found = sorted(self._counts, reverse=True)
        found.sort(key=self._counts.__getitem__, reverse=True)
        # A stable sort keeps Z before A only if `reverse` keeps the order of equals, as it does.
        if self.max_tokens is not None:
            found = found[: max(self.max_tokens - self.start, 0)]
        weights = None
        if self.mode == "tf_idf":
            documents = np.array([self._documents_with[token] for token in found], np.float64)
            weights = np.log(1 + self._documents / (1 + documents)).astype(np.float32)
            weights = self._padded(weights, np.mean(weights) if len(weights) else 0, self.start)
        self._put(found)
        self.weights = weights
        self.forget()

    def _put(self, tokens: list[Any]) -> None:
        self.tokens = tokens
        self._index = {token: index for index, token in enumerate(tokens, self.start)}
        if self.mask_token is not None:
            self._index[self.mask_token] = 0 if self.mode == "int" else int(DROPPED)

    def _padded(self, weights: AnyArray, of_special: Any, before: int) -> AnyArray:
        after = 0
        if self.pad and self.max_tokens is not None:
            after = max(self.max_tokens - before - len(weights), 0)
        parts = [np.full(before, of_special), weights, np.zeros(after)]
        return np.concatenate(parts).astype(np.float32)

    # Given tokens

    def set(self, vocabulary: Any, weights: Any = None) -> None:
        """Use these tokens; special ones may come first.

        Args:
            vocabulary: A list or an array of tokens, or a file with one a line.
            weights: Of the tokens, in the mode "tf_idf" only.

        Raises:
            KerasError: A token is repeated or special, there are none or too many, weights are
                missing or not as many.
        """
        self._check_weights(weights)
        tokens = self._as_tokens(vocabulary)
        special = [self.mask_token] * self.oov_start + [self.oov_token] * self.oov_indices
        has_special = tokens[: self.start] == special
        own = tokens[self.start :] if has_special else tokens
        self._check(own, special)
        self._put(own)
        self.weights = None
        if weights is None:
            return
        given = np.asarray(weights, np.float32).reshape(-1)
        if len(given) != len(tokens):
            raise KerasError(
                f"{self.owner}: idf_weights has {len(given)} numbers and the vocabulary "
                f"{len(tokens)} tokens, expected as many"
            )
        before = 0 if has_special else self.start
        self.weights = self._padded(given, np.average(given), before)

    def _check_weights(self, weights: Any) -> None:
        if (self.mode == "tf_idf") != (weights is not None):
            need = "needs" if self.mode == "tf_idf" else "takes no"
            raise KerasError(f"{self.owner}: output_mode={self.mode!r} {need} idf_weights")

    def _as_tokens(self, vocabulary: Any) -> list[Any]:
        if isinstance(vocabulary, str):
            try:
                with open(vocabulary, "rb") as file:  # noqa: PTH123 - as Keras takes it
                    lines = file.read().split(b"\n")
            except OSError as error:
                raise KerasError(f"{vocabulary}: {error.strerror or error}") from None
            lines = lines[:-1] if lines and not lines[-1] else lines
            return lines if self.dtype == STRING else [int(line) for line in lines]
        array = as_tensor(vocabulary, what=f"{self.owner}: vocabulary")
        if not array.size:
            raise KerasError(f"{self.owner}: the vocabulary is empty")
        is_text = array.dtype == STRING
        if is_text != (self.dtype == STRING):
            expected = "texts" if self.dtype == STRING else "whole numbers"
            raise KerasError(f"{self.owner}: vocabulary holds {array[0].item()!r}, not {expected}")
        return list(array.ravel().tolist())

    def _check(self, tokens: Sequence[Any], special: Sequence[Any]) -> None:
        repeated = [token for token, count in Counter(tokens).items() if count > 1]
        if repeated:
            raise KerasError(
                f"{self.owner}: the vocabulary has {self._shown(repeated[0])} more than once"
            )
        if self.mask_token is not None and self.mask_token in tokens:
            shown = ", ".join(map(self._shown, special)) or "none"
            raise KerasError(
                f"{self.owner}: the vocabulary has the mask token {self._shown(self.mask_token)} "
                f"among its tokens: leave out the special tokens, or begin with {shown}"
            )
        size = self.start + len(tokens)
        if self.max_tokens is not None and size > self.max_tokens:
            raise KerasError(
                f"{self.owner}: the vocabulary has {size} tokens with the special ones, more than "
                f"max_tokens={self.max_tokens}"
            )

    def _shown(self, token: Any) -> str:
        return repr(decoded(token) if isinstance(token, bytes) else token)

    # Use

    def indices(self, tokens: Any) -> Any:
        """The indices of tokens, int64, in their shape. Raises KerasError for unknown ones."""
        if isinstance(tokens, RaggedTensor):
            return RaggedTensor([self._of(row) for row in tokens.rows], np.int64)
        array = np.asarray(tokens)
        return eager_tensor(self._of(array.ravel()).reshape(array.shape), None)

    def _of(self, tokens: AnyArray) -> AnyArray:
        index, items = self._index, tokens.tolist()
        if self.oov_indices == 1:
            unknown = self.oov_start
            found = [index.get(token, unknown) for token in items]
        else:
            found = [self._index_of(token) for token in items]
        return np.array(found, np.int64)

    def _index_of(self, token: Any) -> int:
        place = self._index.get(token)
        if place is not None:
            return place
        if self.oov_indices == 0:
            raise KerasError(
                f"{self.owner}: {self._shown(token)} is not in the vocabulary: use "
                "num_oov_indices=1 for unknown values"
            )
        return self.oov_start + int(token) % self.oov_indices

    def vectors(self, indices: Any) -> Any:
        """Indices in the layer's mode. Raises KerasError while there is no vocabulary."""
        if self.mode == "int":
            return indices
        depth = self.depth()
        if depth is None or (self.mode == "tf_idf" and self.weights is None):
            raise KerasError(
                f"{self.owner} has no vocabulary yet: call adapt, or give vocabulary=…"
            )
        counted = "count" if self.mode == "tf_idf" else self.mode
        vectors = encoded_indices(indices, counted, depth)
        return vectors if self.weights is None else vectors * self.weights

    def tokens_of(self, indices: Any) -> EagerTensor:
        """The tokens of indices; the unknown token for those without one."""
        array = np.asarray(indices)
        by_index: Iterable[Any] = enumerate(self.tokens, self.start)
        table = dict(by_index)
        if self.mask_token is not None:
            table[0] = self.mask_token
        found = np.empty(array.size, self.dtype)
        for i, index in enumerate(array.ravel().tolist()):
            found[i] = table.get(index, self.oov_token)
        return eager_tensor(found.reshape(array.shape), None)


def special_token(value: Any, dtype: np.dtype[Any]) -> Any:
    """A mask or unknown token as the vocabulary keeps it."""
    if value is None or dtype != STRING:
        return None if value is None else int(value)
    return encoded(value) if isinstance(value, str) else value
