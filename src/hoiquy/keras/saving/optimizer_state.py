"""The state of an optimizer in the order of Keras 3's optimizer variables.

These are: the number of updates, the learning rate unless it follows a schedule, the moving
averages of the parameters where they are kept, then the optimizer's own arrays.
"""

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Optimizers whose first two arrays alternate, parameter by parameter.
_ALTERNATING = ("Adam", "AdamW", "Nadam", "Adamax", "Adadelta", "Ftrl")
_AVERAGE = "average"


def optimizer_arrays(model: Any) -> list[NDArray[Any]]:
    """The state of the model's optimizer; only two numbers before the first update."""
    optimizer = model.optimizer
    nn = optimizer.nn
    arrays: list[NDArray[Any]] = [np.array(nn.step, np.int32)]
    if not _follows_schedule(optimizer):
        arrays.append(np.array(optimizer.learning_rate, np.float32))
    if not nn.slots and nn.step == 0:
        return arrays
    parameters = trained_parameters(model)
    for slot, name in ordered_slots(nn, list(parameters)):
        stored = nn.slots.get(slot, {}).get(name)
        if stored is None:  # a parameter that has had no gradient yet
            value, like = nn.slot_values.get(slot, 0.0), parameters[name]
            stored = like if slot == _AVERAGE else np.full_like(like, value)
        arrays.append(np.asarray(stored, np.float32))
    if type(optimizer).__name__ == "Nadam":
        arrays.append(np.array(nn.momentum_product, np.float32))
    return arrays


def optimizer_shapes(model: Any) -> list[tuple[int, ...]]:
    """The shapes of the arrays of `optimizer_arrays` after an update."""
    optimizer, parameters = model.optimizer, trained_parameters(model)
    shapes: list[tuple[int, ...]] = [()] if _follows_schedule(optimizer) else [(), ()]
    shapes += [parameters[name].shape for _, name in ordered_slots(optimizer.nn, list(parameters))]
    return [*shapes, ()] if type(optimizer).__name__ == "Nadam" else shapes


def restore_optimizer(model: Any, arrays: Sequence[NDArray[Any]]) -> None:
    """Set the state of the model's optimizer; the number of arrays was checked."""
    optimizer = model.optimizer
    nn, parameters = optimizer.nn, trained_parameters(model)
    step, *rest = arrays
    if not _follows_schedule(optimizer):
        optimizer.learning_rate = float(rest.pop(0))
    slots: dict[str, dict[str, Any]] = {}
    for (slot, name), array in zip(ordered_slots(nn, list(parameters)), rest, strict=False):
        slots.setdefault(slot, {})[name] = np.array(array, np.float32)
    nn.step, nn.slots = int(step), slots
    model._trainer = None  # it knows which moments are zero, from before


def count_matches(model: Any, found: int, source: str) -> bool:
    """Whether the file has the arrays of this optimizer; warns if it has others."""
    expected = len(optimizer_shapes(model))
    unbuilt = 1 if _follows_schedule(model.optimizer) else 2
    if found in (expected, unbuilt):
        return True
    warnings.warn(
        f"{source} holds the state of another optimizer ({found} arrays, "
        f"{type(model.optimizer).__name__} has {expected}); training starts with a fresh one",
        stacklevel=2,
    )
    return False


def ordered_slots(nn: Any, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(slot, parameter) of each array, in Keras' order."""
    if nn.use_ema:
        yield from ((_AVERAGE, name) for name in names)
    slots = list(nn.slot_values)
    if type(nn).__name__ in _ALTERNATING:
        yield from ((slot, name) for name in names for slot in slots[:2])
        slots = slots[2:]
    yield from ((slot, name) for slot in slots for name in names)


def trained_parameters(model: Any) -> dict[str, NDArray[Any]]:
    """The trained parameters by their names in the graph, in Keras' order."""
    keys = {id(array): key for key, array in model.graph.parameters.items()}
    return {keys[id(one.value)]: one.value for one in model.trainable_weights}


def _follows_schedule(optimizer: Any) -> bool:
    return optimizer.schedule is not None
