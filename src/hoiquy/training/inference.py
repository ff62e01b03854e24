"""Predict many documents, computing once what they share.

- A recurrent layer's input product depends only on the word: it is computed once per row of the
  embedding and looked up.
- Documents padded on the left have the same states along the padding: these are computed once, and
  each batch starts where its padding ends.

Both give the bits of `Model.logits`: sums run in the same order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hoiquy.nn.kernels import Array, Mask, State
from hoiquy.nn.layers import (
    Bidirectional,
    Dropout,
    Embedding,
    NgramEmbedding,
    Recurrent,
    RecurrentInference,
)
from hoiquy.nn.model import Indices, Model
from hoiquy.nn.shards import LARGEST_SHARD, ShardPool
from hoiquy.training.encoding.batches import assembled, scoring_batches
from hoiquy.training.encoding.prepared import Split

_TOKENS = 2048  # of a shard: of fewer, Python's own time would keep threads waiting
Step = Callable[[Any, Mask | None], Array]


@dataclass(frozen=True)
class Inference:
    """`Model.logits` for the model's current weights; later changes have no effect."""

    model: Model
    steps: list[Step]  # of a chain; none for other graphs
    padding: list[State] | None  # per recurrent layer, before each step of padding

    @classmethod
    def of(cls, model: Model, max_length: int) -> "Inference":
        """Prepare a model for documents of `max_length` indices."""
        if not model.is_chain:
            return cls(model, [], None)
        layers = [layer for layer in model.layers if not isinstance(layer, Dropout)]
        steps: list[Step] = []
        if len(layers) > 1 and isinstance(layers[0], Embedding):
            embedding, second = layers[0], layers[1]
            # With n-grams, the embedding of a word depends on the words before it.
            by_word = not isinstance(embedding, NgramEmbedding)
            if by_word and isinstance(second, Recurrent | Bidirectional):
                steps.append(second.inference(embedding.parameters["embeddings"]))
                layers = layers[2:]
        steps += [layer.inference() for layer in layers]
        inference = cls(model, steps, None)
        if model.mask_zero or not inference._may_begin_late():
            return inference
        return cls(model, steps, inference._padding_states(max_length))

    def logits(self, indices: Indices) -> Array:
        """(batch, time) indices → (batch, classes)."""
        if not self.steps:
            return self.model.logits(indices)
        whole, mask = self.model.inputs(indices)
        x, begin = whole, 0
        if self.padding is not None and x.size:
            words = (indices != 0).any(axis=0)
            # At least one step is computed: a layer needs an input.
            begin = min(int(words.argmax()) if words.any() else len(words), len(words) - 1)
            begin = min(begin, len(self.padding[0].hidden) - 1)
            x = x[:, begin:]
        number = 0
        for step in self.steps:
            if begin and self.padding is not None and isinstance(step, RecurrentInference):
                x = step(x, mask, _repeated(self.padding[number], begin, len(indices)))
                number += 1
            else:
                x = step(x, mask)
        return np.asarray(self.model.average_branches(x, whole))

    def probabilities(self, indices: Indices) -> Array:
        """As `Model.probabilities`."""
        return self.model.output.probabilities(self.logits(indices))

    def logits_of(self, split: Split, pool: ShardPool, batch_size: int = 512) -> Array:
        """(documents, classes) float32 logits of a split, in its order.

        Batches are sorted by length to share padding; the logits of a document do not depend on its
        batch.
        """
        logits = np.empty((len(split), split.classes), np.float32)
        with assembled(split, scoring_batches(split.lengths, batch_size)) as batches:
            for batch in batches:

                def run(shard: int, part: slice, indices: Indices = batch.indices) -> Array:
                    return self.logits(indices[part])

                rows = max(LARGEST_SHARD, _TOKENS // max(1, batch.indices.shape[1]))
                logits[batch.rows] = np.concatenate(list(pool.map(run, len(batch.rows), rows)))
        return logits

    def _may_begin_late(self) -> bool:
        """True if only left-to-right recurrent layers precede the last state."""
        recurrent = [isinstance(step, RecurrentInference) for step in self.steps]
        count = sum(recurrent)
        last = self.steps[count - 1]
        return (
            count > 0
            and all(recurrent[:count])
            and isinstance(last, RecurrentInference)
            and not last.return_sequences
            and not any(
                step.go_backwards for step in self.steps if isinstance(step, RecurrentInference)
            )
        )

    def _padding_states(self, max_length: int) -> list[State]:
        x, _ = self.model.inputs(np.zeros((1, max_length), np.int32))
        states = []
        for step in self.steps:
            if isinstance(step, RecurrentInference):
                x, of_layer = step.all_states(x)
                states.append(of_layer)
        return states


def _repeated(states: State, step: int, rows: int) -> State:
    """The states before a step of one document, repeated for `rows` documents."""
    hidden, carry = (
        None if part is None else np.repeat(part[step], rows, axis=0) for part in states
    )
    assert hidden is not None
    return State(hidden, carry)
