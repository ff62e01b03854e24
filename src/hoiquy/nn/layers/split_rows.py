"""A recurrent kernel whose rows are split into shards, where a batch cannot be."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from hoiquy.nn.kernels import Array, Mask, RecurrentKernel, RecurrentWeights, State
from hoiquy.nn.shards import shard_rows, shard_slices
from hoiquy.nn.whole_batch import WholeBatch


class SplitRows(NamedTuple):
    """The training passes of a kernel, by shards of the rows on all threads.

    A network that couples the rows of a batch, as by batch normalisation, is computed as one shard;
    its recurrent layers are not. Results do not depend on the number of threads.
    """

    kernel: RecurrentKernel
    batch: WholeBatch

    def packs(self, weights: RecurrentWeights) -> Any:
        return self.kernel.packs(weights)

    def forward(
        self, x: Array, weights: RecurrentWeights, mask: Mask | None = None,
        initial: State | None = None, factors: Array | None = None, sequences: bool = True,
        state_factors: Array | None = None, packs: Any = None,
    ) -> tuple[Array, Any]:  # fmt: skip
        """As `PlainRecurrent.forward`."""
        tasks = [
            partial(
                self.kernel.forward, x[:, rows], weights, None if mask is None else mask[:, rows],
                _rows_of(initial, rows), None if factors is None else factors[..., rows, :],
                sequences, None if state_factors is None else state_factors[..., rows, :], packs,
            )
            for rows in shard_slices(x.shape[1])
        ]  # fmt: skip
        results = self.batch.together(tasks)
        return np.concatenate([y for y, _ in results], axis=-2), [saved for _, saved in results]

    def last_states(self, saved: Any) -> State:
        """As `PlainRecurrent.last_states`."""
        return _joined([self.kernel.last_states(of_shard) for of_shard in saved])

    def backward(
        self, d_hidden: Array, weights: RecurrentWeights, saved: Any, want_d_x: bool = True,
        d_last: State | None = None, packs: Any = None,
    ) -> tuple[Array | None, RecurrentWeights, State]:  # fmt: skip
        """As `PlainRecurrent.backward`."""
        slices = shard_slices(d_hidden.shape[-2])
        tasks = [
            partial(
                self.kernel.backward, d_hidden[..., rows, :], weights, of_shard, want_d_x,
                _rows_of(d_last, rows), packs,
            )
            for rows, of_shard in zip(slices, saved, strict=True)
        ]  # fmt: skip
        results = self.batch.together(tasks)
        d_x = np.concatenate([one for one, _, _ in results], axis=1) if want_d_x else None
        total, *others = (d_weights for _, d_weights, _ in results)
        for d_weights in others:
            for sums, more in zip(total, d_weights, strict=True):
                sums += more
        return d_x, total, _joined([d_initial for _, _, d_initial in results])


def training_kernel(
    kernel: RecurrentKernel, rows: int, batch: WholeBatch | None
) -> RecurrentKernel | SplitRows:
    """The kernel; for a network that couples rows, one that splits those of large batches."""
    if batch is None or not batch.couples_rows or rows <= shard_rows(rows):
        return kernel
    return SplitRows(kernel, batch)


def _rows_of(state: State | None, rows: slice) -> State | None:
    if state is None:
        return None
    return State(state.hidden[rows], None if state.carry is None else state.carry[rows])


def _joined(states: Sequence[State]) -> State:
    carries = [state.carry for state in states if state.carry is not None]
    hidden = np.concatenate([state.hidden for state in states])
    return State(hidden, np.concatenate(carries) if carries else None)
