"""Losses: of the outputs of recipes, and Keras' losses by name.

`output` turns the logits of a recipe's last layer into probabilities and a loss, `link` those of
several models. Every `Loss` takes
predictions and targets of any rank; `reduction` combines its values into the loss of a batch.
"""

from hoiquy.nn.losses.base import EPSILON, REDUCTIONS, Loss, LossValues, Reduction
from hoiquy.nn.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from hoiquy.nn.losses.focal import BinaryFocalCrossentropy, CategoricalFocalCrossentropy
from hoiquy.nn.losses.link import ONE_LABEL, SEVERAL_LABELS, Link, Logits, link_of, log_odds
from hoiquy.nn.losses.margin import CategoricalHinge, Hinge, KLDivergence, SquaredHinge
from hoiquy.nn.losses.output import (
    MIN_PROBABILITY,
    MULTILABEL,
    OUTPUTS,
    Activation,
    Output,
    Probabilities,
    binary_crossentropy,
    categorical_crossentropy,
    log_probabilities,
    log_softmax,
    sigmoid,
    softmax,
)
from hoiquy.nn.losses.reduction import (
    BatchConstants,
    batch_constants,
    reduced,
    value_scale,
    weighted_sum,
    weighted_values,
)
from hoiquy.nn.losses.regression import (
    CosineSimilarity,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
)
from hoiquy.nn.losses.targets import OutputKind, output_kind

LOSSES: dict[str, type[Loss]] = {
    kind.keras_name: kind
    for kind in (
        BinaryCrossentropy, BinaryFocalCrossentropy, CategoricalCrossentropy,
        CategoricalFocalCrossentropy, CategoricalHinge, CosineSimilarity, Hinge, Huber,
        KLDivergence, LogCosh, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError,
        MeanSquaredLogarithmicError, Poisson, SparseCategoricalCrossentropy, SquaredHinge,
    )
}  # fmt: skip

_CROSSENTROPIES: dict[OutputKind, type[Loss]] = {
    "binary": BinaryCrossentropy,
    "categorical": CategoricalCrossentropy,
    "sparse": SparseCategoricalCrossentropy,
}


def resolve_crossentropy(
    targets: tuple[int | None, ...], predictions: tuple[int | None, ...]
) -> Loss:
    """The loss that Keras takes for "crossentropy", from the shapes of targets and predictions."""
    return _CROSSENTROPIES[output_kind(targets, predictions)]()


__all__ = [
    "EPSILON",
    "LOSSES",
    "MIN_PROBABILITY",
    "MULTILABEL",
    "ONE_LABEL",
    "OUTPUTS",
    "REDUCTIONS",
    "SEVERAL_LABELS",
    "Activation",
    "BatchConstants",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Hinge",
    "Huber",
    "KLDivergence",
    "Link",
    "LogCosh",
    "Logits",
    "Loss",
    "LossValues",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Output",
    "OutputKind",
    "Poisson",
    "Probabilities",
    "Reduction",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "batch_constants",
    "binary_crossentropy",
    "categorical_crossentropy",
    "link_of",
    "log_odds",
    "log_probabilities",
    "log_softmax",
    "output_kind",
    "reduced",
    "resolve_crossentropy",
    "sigmoid",
    "softmax",
    "value_scale",
    "weighted_sum",
    "weighted_values",
]
