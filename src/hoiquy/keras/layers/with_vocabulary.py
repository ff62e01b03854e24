"""Preprocessing layers that learn or are given a vocabulary."""

from typing import Any

import numpy as np

from hoiquy.keras.errors import KerasError
from hoiquy.keras.layers.preprocessing import Preprocessing, batches_to_adapt
from hoiquy.keras.vectorization.vocabulary import Vocabulary


class WithVocabulary(Preprocessing):
    """`adapt`, and what scripts ask for a vocabulary."""

    _vocabulary: Vocabulary

    def _use(self, vocabulary: Vocabulary, fixed: Any) -> None:
        """Keep a vocabulary, with the tokens that the arguments give.

        Args:
            vocabulary: Still empty.
            fixed: Whether `adapt` is refused, as a file tells; None where the tokens decide.
        """
        self._vocabulary = vocabulary
        given = self._settings["vocabulary"]
        if given is not None:
            self.set_vocabulary(given, self._settings["idf_weights"])
        vocabulary.fixed = given is not None if fixed is None else bool(fixed)
        vocabulary.in_configuration = given is not None and not isinstance(given, str)

    @property
    def vocabulary_of_layer(self) -> Vocabulary:
        """The tokens, which files keep."""
        return self._vocabulary

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer with the arguments of a configuration, of an untrusted file, too.

        Raises:
            KerasError: It names a file of a vocabulary.
        """
        if isinstance(config.get("vocabulary"), str):
            raise KerasError(
                f"the configuration of {config.get('name')} names the file "
                f"{config['vocabulary'][:60]!r} as its vocabulary, which is not read"
            )
        return super().from_config(config)

    def tokens_to_count(self, values: Any) -> Any:
        """The tokens of values, as they are counted."""
        raise NotImplementedError

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Make the vocabulary of the tokens of some values, the most frequent first.

        Args:
            data: Values: a list, an array, a pandas object, a data set, or batches.
            batch_size: Has no effect.
            steps: How many batches of a data set.

        Raises:
            KerasError: The vocabulary was given, or a data set has no end.
            KerasTypeError: The data set has labels, too.
        """
        self.reset_state()
        batches = batches_to_adapt(data, self.name, steps)
        if batches is None:
            values = self.as_values(data)
            batches = [values[:, None] if values.ndim == 1 else values]
        for batch in batches:
            self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Count the tokens of some values; `finalize_state` makes the vocabulary."""
        self._vocabulary.count(self.tokens_to_count(self.as_values(data)))

    def finalize_state(self) -> None:
        """Make the vocabulary of what was counted."""
        self._vocabulary.learn()

    def reset_state(self) -> None:
        """Forget what was counted, not the vocabulary."""
        self._vocabulary.forget()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The tokens in the order of their indices, by default with the special ones."""
        return self._vocabulary.listed(include_special_tokens)

    def vocabulary_size(self) -> int:
        """The number of indices, special tokens included."""
        return self._vocabulary.size()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Use these tokens.

        Args:
            vocabulary: Tokens, most often from `get_vocabulary`, or a file with one a line.
            idf_weights: A weight for each, in the mode "tf_idf" only.

        Raises:
            KerasError: A token is repeated, there are too many, or weights are missing.
        """
        self._vocabulary.set(vocabulary, idf_weights)

    # Scripts keep a layer by pickle: its configuration, and these "weights" of Keras 2.

    def get_weights(self) -> list[Any]:
        """The vocabulary as an array, and its weights in the mode "tf_idf"; none before `adapt`."""
        vocabulary = self._vocabulary
        if not vocabulary.tokens:
            return []
        tokens = np.array(self.get_vocabulary(include_special_tokens=False))
        if vocabulary.weights is None:
            return [tokens]
        return [tokens, vocabulary.weights[vocabulary.start : vocabulary.start + len(tokens)]]

    def set_weights(self, weights: Any) -> None:
        """Use what `get_weights` gave. Raises KerasError as `set_vocabulary`."""
        if len(weights):
            self.set_vocabulary(*weights)
