"""RNN of a cell of the script: its code runs once for each step."""

from collections.abc import Sequence
from typing import Any

from hoiquy.keras.errors import KerasError, KerasTypeError, NotSupportedError
from hoiquy.keras.late import late
from hoiquy.keras.layers.script_layer import Layer
from hoiquy.keras.structures import flatten, pack


def has_code(cell: Any) -> bool:
    """Whether a cell, or one of several, is a layer of the script."""
    if isinstance(cell, list | tuple):
        return any(map(has_code, cell))
    return bool(getattr(cell, "runs_script_code", False))


class StackedRNNCells(Layer):
    """Cells one above another, of which one at least is of the script."""

    def __init__(self, cells: Sequence[Any], **kwargs: Any) -> None:
        """Keep the cells, from the input on."""
        super().__init__(**kwargs)
        self.cells = list(cells)

    @property
    def state_size(self) -> list[Any]:
        return [cell.state_size for cell in self.cells]

    def call(self, inputs: Any, states: Any) -> Any:
        """The output of the last cell, and the states of all."""
        found = []
        for cell, own in zip(self.cells, states, strict=True):
            inputs, after = cell(inputs, own)
            found.append(after)
        return inputs, found

    def get_config(self) -> dict[str, Any]:
        """The configurations of the cells."""
        serialized = late("models.configuration").serialized_layer
        return {**super().get_config(), "cells": [serialized(cell) for cell in self.cells]}


class RNN(Layer):
    """A recurrent layer of a cell with `call(inputs, states)` and `state_size`."""

    def __init__(
        self, cell: Any, return_sequences: bool = False, return_state: bool = False,
        go_backwards: bool = False, stateful: bool = False, zero_output_for_mask: bool = False,
        unroll: bool = False, **kwargs: Any,
    ) -> None:  # fmt: skip
        """Keep cell and settings.

        Args:
            cell: A layer whose `call` gives (output, states), or a list of them.
            return_sequences: Whether the output is that of each step, else of the last one.
            return_state: Whether the states follow the output.
            go_backwards: Whether the steps are computed from the last one on.
            stateful: False.
            zero_output_for_mask: Whether masked steps give zeros, else the output before.
            unroll: Has no effect.
            **kwargs: As `Layer`.

        Raises:
            KerasTypeError: The cell has no `state_size`.
            NotSupportedError: `stateful` is true.
        """
        super().__init__(**kwargs)
        if stateful:
            raise NotSupportedError("RNN: stateful=True with a cell of the script is not supported")
        self.cell = StackedRNNCells(cell) if isinstance(cell, list | tuple) else cell
        if getattr(self.cell, "state_size", None) is None:
            raise KerasTypeError(f"RNN: the cell {type(cell).__name__} has no state_size")
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards, self.zero_output_for_mask = go_backwards, zero_output_for_mask
        self.supports_masking = True

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None) -> Any:
        """Run the cell over the steps of (batch, time, features)."""
        ops = late("ops")
        one_state = not isinstance(self.cell.state_size, list | tuple)
        states = self._first_states(sequences.shape[0], initial_state)
        steps = range(sequences.shape[1])
        outputs: list[Any] = []
        for step in reversed(steps) if self.go_backwards else steps:
            output, after = self.cell(sequences[:, step], states)
            after = list(after) if isinstance(after, list | tuple) else [after]
            if mask is not None:
                counts = mask[:, step, None]
                before = outputs[-1] if outputs and not self.zero_output_for_mask else 0.0 * output
                output = ops.where(counts, output, before)
                kept = zip(flatten(after), flatten(states), strict=True)
                after = pack(after, [ops.where(counts, new, old) for new, old in kept])
            states = after
            outputs.append(output)
        if not outputs:
            raise KerasError(f"{self.name}: the input has no steps")
        result = ops.stack(outputs, axis=1) if self.return_sequences else outputs[-1]
        if not self.return_state:
            return result
        return [result, *(states[:1] if one_state else states)]

    def _first_states(self, rows: int, given: Any) -> Any:
        """The given states, those of the cell's `get_initial_state`, or zeros."""
        if given is not None:
            return list(given) if isinstance(given, list | tuple) else [given]
        if hasattr(self.cell, "get_initial_state"):
            made = self.cell.get_initial_state(batch_size=rows)
            return list(made) if isinstance(made, list | tuple) else [made]
        sizes = self.cell.state_size
        return _zeros(rows, list(sizes) if isinstance(sizes, list | tuple) else [sizes])

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """That of the inputs for sequences."""
        found = mask if self.return_sequences else None
        return [found] if self.return_state else found

    def get_config(self) -> dict[str, Any]:
        """The cell's configuration and the settings."""
        names = ("return_sequences", "return_state", "go_backwards", "zero_output_for_mask")
        config = {**super().get_config(), **{name: getattr(self, name) for name in names}}
        return {**config, "cell": late("models.configuration").serialized_layer(self.cell)}


def _zeros(rows: int, sizes: Any) -> Any:
    """States of zeros in the structure of `state_size`."""
    if isinstance(sizes, list):
        return [_zeros(rows, list(size) if isinstance(size, tuple) else size) for size in sizes]
    return late("ops").zeros((rows, int(sizes)))
