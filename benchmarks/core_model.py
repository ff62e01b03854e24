"""Model a training step on more cores than this machine has, from the times of its tasks.

A step is a row of groups of independent tasks (shards with the sums of their gradients, updates of
parameters) with serial work between them. All tasks are timed on one thread; for p cores each group
takes as long as its tasks in their order, each on the core that is free first. What a core loses to
shared caches and memory is not in the model: for two threads the measured time stands beside it.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from heapq import heappop, heappush
from statistics import median
from typing import Any

import numpy as np

from hoiquy.nn.optimizers import Adam
from hoiquy.nn.shards import ShardPool
from hoiquy.recipe.recipe import load_recipe
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.training.gradients import batch_gradients
from hoiquy.training.model_building import build_model

VOCABULARY, CLASSES = 88_584, 2
STEPS, ROUNDS = 3, 5


class TimedPool(ShardPool):
    """One thread that records the seconds of each task of each group."""

    def __init__(self) -> None:
        super().__init__(1)
        self.groups: list[list[float]] = []

    def starmap(
        self, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]
    ) -> Iterator[Any]:
        group: list[float] = []
        self.groups.append(group)
        for task in tasks:
            start = time.perf_counter()
            result = function(*task)
            group.append(time.perf_counter() - start)
            yield result


def makespan(group: Sequence[float], cores: int) -> float:
    """The time of tasks in their order, each on the core that is free first."""
    free = [0.0] * cores
    for seconds in group:
        heappush(free, heappop(free) + seconds)
    return max(free)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("recipes", nargs="*", default=["bai3", "bai5"])
    parser.add_argument("--batch", type=int, nargs="+", default=[32, 128])
    parser.add_argument("--cores", type=int, nargs="+", default=[2, 4, 8, 16])
    arguments = parser.parse_args()
    cores = arguments.cores
    heads = [f"{count} cores" for count in cores]
    print("| recipe, batch | 1 thread, ms | 2 threads, ms | " + " | ".join(heads) + " |")
    print("|---" * (3 + len(cores)) + "|")
    for name in arguments.recipes:
        for batch in arguments.batch:
            print(row_of(name, batch, cores), flush=True)


def row_of(name: str, batch: int, cores: Sequence[int]) -> str:
    """Measure one and two threads in turn, and model the others as ratios to one thread."""
    timed, two = TimedPool(), ShardPool(2)
    step = step_of(name, batch)
    with timed.computing():
        step(timed), step(two)
        whole: list[float] = []
        measured: list[float] = []
        modelled: list[list[float]] = []
        for _ in range(ROUNDS):
            for _ in range(STEPS):
                timed.groups.clear()
                seconds = seconds_of(partial(step, timed))
                serial = seconds - sum(map(sum, timed.groups))
                times = [serial + sum(makespan(one, p) for one in timed.groups) for p in cores]
                whole.append(seconds)
                modelled.append([seconds / one for one in times])
            measured += [seconds_of(partial(step, two)) for _ in range(STEPS)]
    timed.close(), two.close()
    one = median(whole)
    ratios = [f"{median(column):.2f}×" for column in zip(*modelled, strict=True)]
    both = f"{1e3 * one:.0f} | {1e3 * median(measured):.0f} ({one / median(measured):.2f}×)"
    return f"| {name}, {batch} | {both} | " + " | ".join(ratios) + " |"


def step_of(name: str, batch: int) -> Callable[[ShardPool], None]:
    """A training step of a recipe on random indices, with Adam."""
    recipe = load_recipe(name)
    rng = np.random.default_rng(0)
    indices = rng.integers(1, recipe.text.num_words, (batch, recipe.data.max_length))
    targets = np.eye(CLASSES, dtype=np.float32)[rng.integers(0, CLASSES, batch)]
    model = build_model(recipe, vocabulary_size=VOCABULARY, classes=CLASSES, seed=1)
    optimizer = Adam(recipe.training.learning_rate)

    def step(pool: ShardPool) -> None:
        random = partial(keyed_generator, 1, Purpose.DROPOUT, optimizer.step)
        result = batch_gradients(model, indices.astype(np.int32), targets, pool, random)
        optimizer.update(model.parameters, result.gradients, pool)

    return step


def seconds_of(call: Callable[[], None]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
