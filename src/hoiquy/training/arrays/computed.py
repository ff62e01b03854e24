"""Outputs that were computed shard by shard, put together."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from hoiquy.nn.kernels import Array, Mask


class Computed(NamedTuple):
    """Outputs of some rows without training: logits where losses are computed from them.

    masks: of the outputs. penalty: of what layers give, which is added to the loss.
    """

    outputs: list[Array]
    masks: list[Mask | None]
    penalty: float

    def rows(self, some: slice) -> "Computed":
        """Those of some of the rows; there must be no penalty."""
        masks = [None if mask is None else mask[some] for mask in self.masks]
        return Computed([y[some] for y in self.outputs], masks, self.penalty)


def joined(of_shards: Sequence[Sequence[Array]]) -> list[Array]:
    """Each output of all rows, given the outputs of each shard."""
    return [np.concatenate(parts) for parts in zip(*of_shards, strict=True)]


def joined_mask(masks: Sequence[Mask | None]) -> Mask | None:
    """The mask of all rows, given those of the shards, which all have one or none has."""
    present = [mask for mask in masks if mask is not None]
    return np.concatenate(present) if present else None


def joined_masks(of_shards: Sequence[Sequence[Mask | None]]) -> list[Mask | None]:
    """The mask of each output, given those of each shard."""
    return [joined_mask(of_output) for of_output in zip(*of_shards, strict=True)]


def merged(mask: Mask | None, other: Mask | None) -> Mask | None:
    """True where both masks are; None masks nothing."""
    if mask is None or other is None:
        return other if mask is None else mask
    return mask & other
