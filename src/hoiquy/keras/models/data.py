"""The data of `fit`, `evaluate` and `predict` as the training loop takes them."""

import math
import warnings
from collections.abc import Sequence
from typing import Any

from hoiquy.keras.concrete import as_tensor
from hoiquy.keras.data.batches import BatchSource, Raw, is_batch_source
from hoiquy.keras.data.conversion import as_array
from hoiquy.keras.data.inputs import model_inputs
from hoiquy.keras.data.targets import (
    class_weights_as_sample_weights,
    separate_targets,
    separate_weights,
)
from hoiquy.keras.data.texts import holds_texts
from hoiquy.keras.errors import KerasError
from hoiquy.keras.models.protocol import BuildableModel
from hoiquy.keras.tensors import AnyArray
from hoiquy.training.arrays import Arrays, Batch

Data = Arrays | BatchSource


def one_batch(
    model: BuildableModel, x: Any, y: Any, weights: Any, class_weight: Any = None
) -> Batch:
    """Arrays for all inputs and outputs, which agree in their number of rows.

    An unbuilt model is built for them. Raises KerasError.
    """
    if x is None:
        raise KerasError(f"{model.name}: x is missing")
    build_for(model, x)
    inputs = model_inputs(model, x)
    names = model.output_names
    targets = separate_targets(y, names, "y")
    _check_binary(model, targets)
    has_target = [target is not None for target in targets]
    if class_weight is not None:
        if weights is not None:
            raise KerasError("give class_weight or sample_weight, not both")
        sample_weights = class_weights_as_sample_weights(class_weight, targets)
    else:
        sample_weights = separate_weights(weights, names, has_target)
    rows = len(inputs[0])
    for what, arrays in (("y", targets), ("sample_weight", sample_weights)):
        for array, name in zip(arrays, names, strict=True):
            if array is not None and len(array) != rows:
                part = what if len(names) == 1 else f"{what} of {name!r}"
                raise KerasError(f"x has {rows} rows and {part} has {len(array)}")
    if rows == 0:
        raise KerasError(f"{model.name}: x has no rows")
    return Batch(inputs, targets, sample_weights)


def _check_binary(model: BuildableModel, targets: Sequence[AnyArray | None]) -> None:
    """Raise KerasError where binary cross-entropy gets other targets than 0 to 1."""
    compiled = model.compiled_settings
    if compiled is None or all(target is None for target in targets):
        return
    for target, is_binary in zip(targets, compiled.binary_outputs(model.output_names), strict=True):
        if is_binary and target is not None and target.size:
            lowest, highest = target.min(), target.max()
            if lowest < 0 or highest > 1:
                raise KerasError(
                    f"binary_crossentropy: y holds {lowest if lowest < 0 else highest:g}, expected "
                    "0 and 1; more classes need sparse_categorical_crossentropy and an output for "
                    "each class"
                )


def build_for(model: BuildableModel, x: Any) -> None:
    """Build a model that has no input shape yet for the shape of some data."""
    if not model.built:
        if getattr(model, "has_call", False) and isinstance(x, list | tuple | dict):
            parts = list(x.values()) if isinstance(x, dict) else x
            if any(getattr(part, "ndim", 0) for part in parts):
                shapes = [(None, *as_array(part, "an input").shape[1:]) for part in parts]
                model.build(dict(zip(x, shapes, strict=True)) if isinstance(x, dict) else shapes)
                return
        if isinstance(x, list | tuple) and len(x) == 1 and getattr(x[0], "ndim", 0) > 1:
            x = x[0]
        if holds_texts(x):
            model.build((None, *as_tensor(x).shape[1:]))
            return
        array = as_array(x, f"the input of {model.name}")
        if array.ndim == 1:
            array = array[:, None]
        model.build((None, *array.shape[1:]))


def training_data(
    model: BuildableModel, raw: Raw, class_weight: Any = None, shuffle: bool = False
) -> Data:
    """The data, whole or as a source of batches.

    Args:
        model: Built for the data if it is not yet built.
        raw: x, y and sample weights; x may give the batches of all three.
        class_weight: Weights by class, or None.
        shuffle: Whether batches that have numbers come in another order each epoch.

    Raises:
        KerasError: The data do not fit the model or each other.
    """
    x, y, weights = raw
    if not is_batch_source(x):
        return Arrays(one_batch(model, x, y, weights, class_weight))
    if y is not None or weights is not None:
        raise KerasError("y and sample_weight belong to the batches that x yields")

    def convert(batch: Raw) -> Batch:
        return one_batch(model, *batch, class_weight)

    return BatchSource(x, convert, shuffle)


def fit_data(
    model: BuildableModel, raw: Raw, class_weight: Any, shuffle: bool, validation_data: Any,
    validation_split: float,
) -> tuple[Data, Data | None]:  # fmt: skip
    """The data of `fit`, for training and for validation; class weights hold for training only."""
    if validation_data is not None:
        data = training_data(model, raw, class_weight, shuffle)
        return data, _validation_data(model, validation_data)
    if not validation_split:
        return training_data(model, raw, class_weight, shuffle), None
    if class_weight is not None and raw[2] is not None:
        raise KerasError("give class_weight or sample_weight, not both")
    data = training_data(model, raw)
    if not isinstance(data, Arrays):
        raise KerasError("validation_split needs arrays: give validation_data instead")
    data, validation = _split(data, float(validation_split))
    if class_weight is not None:
        weights = class_weights_as_sample_weights(class_weight, list(data.whole.targets))
        data = Arrays(data.whole._replace(weights=weights))
    return data, validation


def _validation_data(model: BuildableModel, given: Any) -> Data:
    if not isinstance(given, list | tuple):
        return training_data(model, (given, None, None))
    if len(given) not in (2, 3):
        raise KerasError(
            f"validation_data has {len(given)} parts, expected (x, y) or (x, y, sample_weight)"
        )
    x, y, weights = (*given, None)[:3]
    return training_data(model, (x, y, weights))


def _split(data: Arrays, fraction: float) -> tuple[Arrays, Arrays]:
    """The first rows for training and the last for validation, as Keras splits."""
    rows = data.rows
    first = math.floor(rows * (1.0 - fraction))
    if not 0 < first < rows:
        raise KerasError(
            f"validation_split={fraction} of {rows} rows leaves no row for training or validation"
        )
    return Arrays(data.take(slice(None, first))), Arrays(data.take(slice(first, None)))


def target_shapes(model: BuildableModel, data: Data) -> list[tuple[int, ...] | None]:
    """The shapes of the targets of all outputs, from the first batch."""
    if isinstance(data, Arrays):
        targets = list(data.whole.targets)
    else:
        x, y, _ = data.first()
        build_for(model, x)
        targets = separate_targets(y, model.output_names, "y")
    return [None if target is None else target.shape for target in targets]


def build_for_first_batch(model: BuildableModel, data: Data) -> None:
    """Build a model that has no input shape yet."""
    if not model.built and not isinstance(data, Arrays):
        build_for(model, data.first()[0])


def number_of_steps(data: Data, size: int) -> int | None:
    """The batches of an epoch; None if that is unknown."""
    if isinstance(data, Arrays):
        return -(-data.rows // size)
    try:
        return len(data)
    except TypeError:
        return None


def require_end(data: Data | None, steps: int | None, argument: str) -> None:
    """Raise KerasError for batches without an end, unless there is a number of steps."""
    if steps is None and isinstance(data, BatchSource) and data.is_infinite:
        raise KerasError(
            f"the data set has no end, as repeat() has no number: give {argument}, or leave out "
            "repeat()"
        )


def possible_epochs(data: Data, epochs: range, steps: int | None) -> range:
    """One epoch for batches that come only once, unless steps divide them into epochs."""
    if len(epochs) > 1 and steps is None and isinstance(data, BatchSource) and data.is_iterator:
        warnings.warn(
            "a generator without steps_per_epoch is one epoch: give steps_per_epoch, or a Sequence "
            "object, for more epochs",
            UserWarning,
            stacklevel=3,
        )
        return epochs[:1]
    return epochs
