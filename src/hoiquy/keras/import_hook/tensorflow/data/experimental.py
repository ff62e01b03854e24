"""As `tensorflow.data.experimental`."""

from collections.abc import Callable
from typing import Any

from hoiquy.keras.import_hook.tensorflow.data import (
    AUTOTUNE,
    INFINITE_CARDINALITY,
    UNKNOWN_CARDINALITY,
)

__all__ = ["AUTOTUNE", "INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY", "cardinality", "unbatch"]


def cardinality(dataset: Any) -> Any:
    """The number of elements, as `Dataset.cardinality`."""
    return dataset.cardinality()


def unbatch() -> Callable[[Any], Any]:
    """A function for `Dataset.apply`."""
    return lambda dataset: dataset.unbatch()
