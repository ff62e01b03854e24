"""The random numbers of each call of a graph's layers."""

import secrets
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator, Philox

from hoiquy.nn.layers import Context

RngForNode = Callable[[int], Generator]


def fresh_seed() -> int:
    """A seed from the operating system."""
    return secrets.randbits(63)


def rng_of_call(
    graph: Any, position: int, rng_for_node: RngForNode | None, context: Context
) -> Generator | None:
    """The generator of one call; None if it computes as at inference.

    A call that is in training within a graph at inference takes one seed for a batch, from which
    each shard has a stream of its own.

    Args:
        graph: Of `nn.graph`.
        position: Of the node that is called.
        rng_for_node: Of the graph; None at inference.
        context: Of the graph.
    """
    training = graph.nodes[position].training
    if training is False or (rng_for_node is None and not training):
        return None
    if rng_for_node is not None:
        return rng_for_node(position)
    seed = context.once((id(graph), position, "seed"), graph.seeds)
    return Generator(Philox(key=np.array([seed, context.rows.start or 0], np.uint64)))


def generators(rng: Generator) -> RngForNode:
    """Generators for the nodes of a nested graph, given that of the whole."""
    key = int(rng.integers(0, 2**63))
    return lambda position: Generator(Philox(key=np.array([key, position], np.uint64)))
