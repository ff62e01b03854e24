"""What callbacks learn of a call of `fit` in Keras 1 and 2: the validation data and parameters."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, NoReturn

import numpy as np

from hoiquy.keras.errors import KerasError
from hoiquy.keras.layers.normalization import BatchNormalization
from hoiquy.keras.models.data import Data
from hoiquy.keras.tensors import AnyArray
from hoiquy.training.arrays import Arrays

_RANDOM = ("rate", "stddev", "dropout", "recurrent_dropout")
_TEST_PHASE = 0.0


class NoValidationData(list[Any]):
    """An empty list, whose entries are missing for a reason."""

    def __getitem__(self, key: Any) -> NoReturn:
        raise KerasError(
            "Callback.validation_data is empty: give fit validation_data or validation_split"
        )


class OlderFacts(NamedTuple):
    """Entries of `callback.params`, and `callback.validation_data`."""

    parameters: dict[str, Any]
    validation_data: Any


NOTHING_OLDER = OlderFacts({}, None)


def as_in_keras_2(model: Any, data: Data, validation: Data | None, given: Any) -> OlderFacts:
    """What Keras 2.2, and for "nb_sample" Keras 1, tells callbacks of a call of `fit`.

    Args:
        model: About to be trained.
        data: What it is trained on.
        validation: What is scored after epochs, None for nothing.
        given: The argument `validation_data` of `fit`.
    """
    samples = data.rows if isinstance(data, Arrays) else None
    metrics: list[str] = model.metrics_names
    if validation is not None:
        metrics = metrics + [f"val_{name}" for name in metrics]
    parameters = {
        "batch_size": model.batch_size, "samples": samples, "nb_sample": samples,
        "metrics": metrics, "do_validation": validation is not None,
    }  # fmt: skip
    return OlderFacts(parameters, _validation_data(model.layers, validation, given))


def _validation_data(layers: Iterable[Any], data: Data | None, given: Any) -> Any:
    """Inputs, targets and sample weights of all outputs in one list; batches as they were given.

    After them 0.0, where dropout or a normalisation has a phase of training.
    """
    if data is None:
        return NoValidationData()
    if not isinstance(data, Arrays):
        return given
    inputs, targets, weights = data.whole
    factors = [np.ones(data.rows, np.float32) if one is None else one for one in weights]
    phase = [_TEST_PHASE] if any(map(_has_phase, _all_layers(layers))) else []
    return [*inputs, *(_in_columns(one) for one in targets if one is not None), *factors, *phase]


def _in_columns(target: AnyArray) -> AnyArray:
    return target[:, None] if target.ndim == 1 else target


def _all_layers(layers: Iterable[Any]) -> Iterator[Any]:
    """The layers, and those that wrappers and models among them hold."""
    for layer in layers:
        yield layer
        yield from _all_layers(getattr(layer, "layers", None) or ())
        wrapped = getattr(layer, "layer", None)
        if wrapped is not None:
            yield from _all_layers([wrapped])


def _has_phase(layer: Any) -> bool:
    if isinstance(layer, BatchNormalization):
        return True
    return any(
        isinstance(rate, int | float) and rate > 0
        for rate in (getattr(layer, name, 0) for name in _RANDOM)
    )
