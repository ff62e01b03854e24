"""The state of optimizers in files of Keras 1 and 2.

The number of updates comes first, unless the optimizer is one of Keras 2.2 or before; then follows
each kind of array for all parameters, such as all first moments. Keras 2.11 and later keep them in
Keras 3's order. There is no learning rate.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.keras.saving.optimizer_state import ordered_slots, trained_parameters

_UNUSED = (1,)  # the shape of the third moments of Keras 2.1 to 2.3, where they are not used


def of_older_optimizer(
    model: Any, names: Sequence[str], arrays: Sequence[NDArray[Any]]
) -> list[NDArray[Any]] | None:
    """The arrays in Keras 3's order; None if they are those of another optimizer.

    Args:
        model: Compiled.
        names: Of the arrays, in the file's order.
        arrays: In the same order.
    """
    optimizer, parameters = model.optimizer, trained_parameters(model)
    slots, count = list(optimizer.nn.slot_values), len(parameters)
    if optimizer.nn.use_ema or type(optimizer).__name__ == "Nadam" or not arrays or not count:
        return None
    rest = [a for name, a in zip(names, arrays, strict=True) if "learning_rate" not in name]
    step = rest.pop(0) if rest[0].shape == () else np.array(0)
    unused = rest[len(slots) * count :]
    if len(unused) == count and {array.shape for array in unused} == {_UNUSED}:
        rest = rest[: len(slots) * count]
    if len(rest) != len(slots) * count:
        return None
    order = list(ordered_slots(optimizer.nn, list(parameters)))
    stored = [(slot, name) for slot in slots for name in parameters]
    if names[0].startswith("iteration:") or names[0] == "iteration":  # Keras 2.11 and later
        stored = order
    found = dict(zip(stored, rest, strict=True))
    if any(array.shape != parameters[name].shape for (_, name), array in found.items()):
        return None
    first = [np.array(step, np.int32)]
    if optimizer.schedule is None:
        first.append(np.array(optimizer.learning_rate, np.float32))
    return [*first, *(found[key] for key in order)]
