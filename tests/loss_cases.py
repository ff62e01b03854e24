"""Every loss with its settings, and predictions and targets that it takes."""

from typing import Any, NamedTuple

import numpy as np

from hoiquy.nn import losses
from hoiquy.nn.losses import Loss

CLASSES = 5


class LossCase(NamedTuple):
    """A loss of ours, the settings of the same one of Keras, and its kinds of arrays."""

    loss: Loss
    settings: dict[str, Any]
    predictions: str
    targets: str

    def __str__(self) -> str:
        return f"{type(self.loss).__name__}-{'-'.join(map(str, self.settings))}"


def case(kind: type[Loss], predictions: str, targets: str, **settings: Any) -> LossCase:
    return LossCase(kind(**settings), settings, predictions, targets)


CASES = [
    case(losses.MeanSquaredError, "numbers", "numbers"),
    case(losses.MeanAbsoluteError, "numbers", "numbers"),
    case(losses.MeanAbsolutePercentageError, "numbers", "numbers"),
    case(losses.MeanSquaredLogarithmicError, "numbers", "positive"),
    case(losses.Huber, "numbers", "numbers"),
    case(losses.Huber, "numbers", "numbers", delta=0.4),
    case(losses.LogCosh, "numbers", "numbers"),
    case(losses.Poisson, "positive", "positive"),
    case(losses.CosineSimilarity, "numbers", "numbers"),
    case(losses.Hinge, "numbers", "binary"),
    case(losses.Hinge, "numbers", "signs"),
    case(losses.SquaredHinge, "numbers", "binary"),
    case(losses.CategoricalHinge, "numbers", "one hot"),
    case(losses.KLDivergence, "distributions", "distributions"),
    case(losses.BinaryCrossentropy, "probabilities", "binary"),
    case(losses.BinaryCrossentropy, "probabilities", "binary", label_smoothing=0.2),
    case(losses.BinaryCrossentropy, "numbers", "binary", from_logits=True),
    case(losses.CategoricalCrossentropy, "distributions", "one hot"),
    case(losses.CategoricalCrossentropy, "probabilities", "distributions"),
    case(losses.CategoricalCrossentropy, "distributions", "one hot", label_smoothing=0.1),
    case(losses.CategoricalCrossentropy, "numbers", "distributions", from_logits=True),
    case(losses.SparseCategoricalCrossentropy, "distributions", "classes"),
    case(losses.SparseCategoricalCrossentropy, "probabilities", "classes"),
    case(losses.SparseCategoricalCrossentropy, "numbers", "classes", from_logits=True),
    case(losses.SparseCategoricalCrossentropy, "distributions", "classes", ignore_class=2),
    case(
        losses.SparseCategoricalCrossentropy, "numbers", "classes or -1",
        ignore_class=-1, from_logits=True,
    ),
    case(losses.BinaryFocalCrossentropy, "probabilities", "binary"),
    case(
        losses.BinaryFocalCrossentropy, "numbers", "binary",
        from_logits=True, apply_class_balancing=True, gamma=3.0, label_smoothing=0.1,
    ),
    case(losses.CategoricalFocalCrossentropy, "distributions", "one hot"),
    case(losses.CategoricalFocalCrossentropy, "numbers", "one hot", from_logits=True, alpha=0.4),
]  # fmt: skip


def draw(kind: str, shape: tuple[int, ...], rng: np.random.Generator) -> Any:
    """Random float64 arrays of a kind, with CLASSES as their last axis, or without it."""
    whole = (*shape, CLASSES)
    if kind.startswith("classes"):
        drawn = rng.integers(0, CLASSES, shape)
        return np.where(rng.random(shape) < 0.4, -1, drawn) if "-1" in kind else drawn
    if kind == "one hot":
        return np.eye(CLASSES)[rng.integers(0, CLASSES, shape)]
    if kind == "distributions":
        return 0.5 * rng.dirichlet(np.ones(CLASSES), shape) + 0.5 / CLASSES
    return {
        "numbers": rng.standard_normal(whole) * 2,
        "positive": rng.random(whole) * 3 + 0.1,
        "binary": rng.integers(0, 2, whole).astype(float),
        "signs": rng.integers(0, 2, whole) * 2.0 - 1,
        "probabilities": rng.random(whole) * 0.98 + 0.01,
    }[kind]
