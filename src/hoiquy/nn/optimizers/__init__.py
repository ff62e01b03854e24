"""Optimizers: parameters are updated in place."""

from hoiquy.nn.optimizers.adam import Adam, clip_by_global_norm

__all__ = ["Adam", "clip_by_global_norm"]
