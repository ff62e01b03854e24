"""A model reading many documents: what they have in common is computed once.

- What a recurrent layer's input product makes of a word does not depend on where the word stands:
  it is computed once for each row of the embedding and looked up ever after.
- Documents padded on the left begin alike. The states along such a beginning are those of a
  document of nothing but padding, computed once; reading begins where the padding ends.

Both give the bits of the plain way: the sums run in the same order.
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
from hoiquy.nn.shards import ShardPool
from hoiquy.training.encoding.batches import assembled, scoring_batches
from hoiquy.training.encoding.prepared import Split

Step = Callable[[Any, Mask | None], Array]


@dataclass(frozen=True)
class Inference:
    """`Model.logits` for the weights that the model has now; later changes are not seen."""

    model: Model
    steps: list[Step]
    padding: list[State] | None  # per recurrent layer, before each step of nothing but padding

    @classmethod
    def of(cls, model: Model, max_length: int) -> "Inference":
        """Prepare a model for reading documents of `max_length` indices each."""
        layers = [layer for layer in model.layers if not isinstance(layer, Dropout)]
        steps: list[Step] = []
        if len(layers) > 1 and isinstance(layers[0], Embedding):
            embedding, reader = layers[0], layers[1]
            # With n-grams, what a word gives depends on those before it.
            alone = not isinstance(embedding, NgramEmbedding)
            if alone and isinstance(reader, Recurrent | Bidirectional):
                steps.append(reader.inference(embedding.parameters["embeddings"]))
                layers = layers[2:]
        steps += [layer.inference() for layer in layers]
        inference = cls(model, steps, None)
        if model.mask_zero or not inference._may_begin_late():
            return inference
        return cls(model, steps, inference._padding_states(max_length))

    def logits(self, indices: Indices) -> Array:
        """(batch, time) indices → (batch, classes)."""
        whole, mask = self.model.inputs(indices)
        x, begin = whole, 0
        if self.padding is not None and x.size:
            words = (indices != 0).any(axis=0)
            # One step is left in any case: a layer needs something to read.
            begin = min(int(words.argmax()) if words.any() else len(words), len(words) - 1)
            begin = min(begin, len(self.padding[0].hidden) - 1)
            x = x[begin:]
        number = 0
        for step in self.steps:
            if begin and self.padding is not None and isinstance(step, RecurrentInference):
                x = step(x, mask, _repeated(self.padding[number], begin, len(indices)))
                number += 1
            else:
                x = step(x, mask)
        return np.asarray(self.model.average_branches(x, whole))

    def probabilities(self, indices: Indices) -> Array:
        """Do as `Model.probabilities`."""
        return self.model.output.probabilities(self.logits(indices))

    def read(self, split: Split, pool: ShardPool, batch_size: int = 512) -> Array:
        """The logits of every document of a split, (documents, classes) float32, in its order.

        Documents are read in the order of their lengths: those that are read together then share
        as much of their padding as they can. What is computed of one does not depend on the others.
        """
        logits = np.empty((len(split), split.classes), np.float32)
        with assembled(split, scoring_batches(split.lengths, batch_size)) as batches:
            for batch in batches:

                def run(shard: int, part: slice, indices: Indices = batch.indices) -> Array:
                    return self.logits(indices[part])

                logits[batch.rows] = np.concatenate(list(pool.map(run, len(batch.rows))))
        return logits

    def _may_begin_late(self) -> bool:
        """True if recurrent layers alone, left to right, lie between the input and one state."""
        recurrent = [isinstance(step, RecurrentInference) for step in self.steps]
        count = sum(recurrent)
        last = self.steps[count - 1]
        return (
            count > 0
            and all(recurrent[:count])
            and isinstance(last, RecurrentInference)
            and not last.return_sequences
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
    """The states before a step, of one document, for each of `rows` documents."""
    parts = (None if part is None else np.repeat(part[step], rows, axis=0) for part in states)
    hidden, carry = parts
    assert hidden is not None
    return State(hidden, carry)
