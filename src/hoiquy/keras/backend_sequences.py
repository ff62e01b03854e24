"""The functions of `keras.backend` on sequences: recursion, slices."""

import builtins
from collections.abc import Callable, Sequence
from typing import Any

from hoiquy.keras import ops

__all__ = ["foldr", "in_top_k", "local_conv1d", "rnn", "slice"]


def local_conv1d(
    inputs: Any, kernel: Any, kernel_size: Any, strides: Any, data_format: Any = None
) -> Any:
    """A convolution with a kernel of its own at each place.

    Args:
        inputs: (batch, steps, features).
        kernel: (places, size · features, filters).
        kernel_size: The size: a number or a list of one.
        strides: Steps between places.
        data_format: Has no effect: features are last.
    """
    size, step = _number(kernel_size), _number(strides)
    places, width = int(ops.shape(kernel)[0]), size * int(ops.shape(inputs)[2])
    found = []
    for place in range(places):
        part = inputs[:, place * step : place * step + size]
        found.append(ops.matmul(ops.reshape(part, (-1, width)), kernel[place]))
    return ops.stack(found, axis=1)


def rnn(
    step_function: Callable[[Any, Any], Any], inputs: Any, initial_states: Sequence[Any],
    go_backwards: bool = False, mask: Any = None, constants: Any = None, unroll: bool = False,
    input_length: Any = None, **kwargs: Any,
) -> Any:  # fmt: skip
    """What a step function gives for the steps of sequences, one after the other.

    Args:
        step_function: (inputs of a step, states) → (outputs of the step, next states).
        inputs: (batch, steps, …).
        initial_states: The states before the first step.
        go_backwards: Whether to begin with the last step.
        mask: (batch, steps): where it is False, outputs and states stay what they are.
        constants: Further tensors that the step function gets after the states.
        unroll: Has no effect.
        input_length: Has no effect.
        **kwargs: Have no effect.

    Returns:
        The outputs of the last step, those of all steps (batch, steps, …), and the last states.
    """
    order = range(int(ops.shape(inputs)[1]))
    states, fixed = list(initial_states), list(constants or [])
    outputs: list[Any] = []
    for step in reversed(order) if go_backwards else order:
        output, after = step_function(inputs[:, step], [*states, *fixed])
        if mask is not None:
            before = outputs[-1] if outputs else ops.zeros_like(output)
            output = _kept(mask[:, step], output, before)
            after = [_kept(mask[:, step], *both) for both in zip(after, states, strict=True)]
        outputs.append(output)
        states = list(after)
    return outputs[-1], ops.stack(outputs, axis=1), states


def foldr(fn: Callable[[Any, Any], Any], elems: Any, initializer: Any = None) -> Any:
    """fn(what was found so far, part) from the end of the first axis."""
    parts = list(ops.unstack(elems, axis=0))
    found = parts.pop() if initializer is None else initializer
    for part in reversed(parts):
        found = fn(found, part)
    return found


def slice(x: Any, start: Any, size: Any) -> Any:
    """A part of each axis: its first place, and how many; -1 for all that follow."""
    ends = [None if n == -1 else first + n for first, n in zip(start, size, strict=True)]
    return x[tuple(builtins.slice(first, end) for first, end in zip(start, ends, strict=True))]


def in_top_k(predictions: Any, targets: Any, k: int) -> Any:
    """Whether the target of each row is among the k largest predictions."""
    classes = int(ops.shape(predictions)[-1])
    of_target = ops.sum(predictions * ops.one_hot(targets, classes), axis=-1, keepdims=True)
    larger = ops.cast(ops.greater(predictions, of_target), "int32")
    return ops.less(ops.sum(larger, axis=-1), k)


def _number(value: Any) -> int:
    return int(value[0] if isinstance(value, Sequence) else value)


def _kept(valid: Any, new: Any, old: Any) -> Any:
    for _ in range(len(ops.shape(new)) - 1):
        valid = ops.expand_dims(valid, -1)
    return ops.where(valid, new, old)
