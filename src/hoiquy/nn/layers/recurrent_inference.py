"""A recurrent layer at inference, with the weights packed and the table multiplied once."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hoiquy.nn.kernels import Array, Lookup, Mask, RecurrentKernel, State


@dataclass(frozen=True)
class RecurrentInference:
    """A recurrent layer at inference, from any initial states."""

    kernel: RecurrentKernel
    prepared: Any
    table: Array | None
    return_sequences: bool
    go_backwards: bool = False
    zero_output_for_mask: bool = False

    def __call__(self, x: Any, mask: Mask | None = None, initial: State | None = None) -> Array:
        """(batch, time, features), or indices if there is a table → hidden states."""
        if self.go_backwards:
            x, mask = x[:, ::-1], reversed_mask(mask)
        y, _ = self.kernel.infer(
            self._kernel_input(x), self.prepared, swapped_mask(mask), initial,
            self.return_sequences,
        )  # fmt: skip
        if self.zero_output_for_mask:
            y = zeroed(y, mask)
        return swapped(y)

    def all_states(self, x: Any) -> tuple[Array, State]:
        """Hidden states, and the states before every step and after the last one, time first."""
        y, states = self.kernel.infer(self._kernel_input(x), self.prepared, sequences=True)
        return swapped(y), states

    def _kernel_input(self, x: Any) -> Any:
        return swapped(x) if self.table is None else Lookup(x.T, self.table)


def swapped(x: Array) -> Array:
    """Batch-first sequences as time-first ones, as kernels take them, or back; a view."""
    return x.swapaxes(0, 1) if x.ndim > 2 else x


def swapped_mask(mask: Mask | None) -> Mask | None:
    """A (batch, time) mask as (time, batch), or back."""
    return None if mask is None else mask.T


def reversed_mask(mask: Mask | None) -> Mask | None:
    """A (batch, time) mask, last step first."""
    return None if mask is None else mask[:, ::-1]


def zeroed(y: Array, mask: Mask | None) -> Array:
    """y, time first or of the last step only, with zeros where the mask (batch, time) is False."""
    if mask is None:
        return y
    counted = mask.T if y.ndim > 2 else mask[:, -1]
    return np.where(counted[..., None], y, y.dtype.type(0))
