"""Loss, accuracy and probabilities of the documents of a split."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.metrics import correct_predictions
from hoiquy.nn.model import Model
from hoiquy.nn.shards import ShardPool
from hoiquy.training.encoding.prepared import Split
from hoiquy.training.inference import Inference


@dataclass(frozen=True)
class Scores:
    """The scores of a split."""

    loss: float  # with the l2 penalty, as in Keras
    accuracy: float  # share of correct documents, see `metrics.correct_predictions`
    probabilities: NDArray[np.float32]  # (documents, classes)


def score(model: Model, split: Split, pool: ShardPool, batch_size: int = 512) -> Scores:
    """Loss, accuracy and probabilities of every document of a split, in its order."""
    logits = Inference.of(model, split.table.max_length).logits_of(split, pool, batch_size)
    losses, _ = model.output.losses(logits, split.targets(np.arange(len(split))))
    probabilities = model.output.probabilities(logits)
    return Scores(
        float(losses.mean(dtype=np.float64)) + model.penalty(),
        float(correct_predictions(split.labels, probabilities).mean()),
        probabilities,
    )
