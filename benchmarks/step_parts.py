"""The parts of one training step: milliseconds and share of the step."""

import argparse
import cProfile
import pstats
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from hoiquy.nn.optimizers import Adam
from hoiquy.nn.shards import shard_pool, shard_slices
from hoiquy.recipe.recipe import load_recipe
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.training.gradients import batch_gradients
from hoiquy.training.model_building import build_model

VOCABULARY, CLASSES = 88_584, 2
PARTS = {  # by the last two parts of a file's path, and the function
    ("fast/sequence.py", "run_forward"): "recurrent layers, forward",
    ("fast/sequence.py", "run_backward"): "recurrent layers, backward",
    ("fast/blocking.py", "block"): "into the blocked layout",
    ("fast/blocking.py", "unblock"): "out of the blocked layout",
    ("fast/matmul.py", "pack"): "packing weights",
    ("fast/packing.py", "unblocked"): "unpacking weight gradients",
    ("layers/dropout.py", "_random_bits"): "dropout: random bits",
    ("fast/dropout.py", "dropout"): "dropout: applying them",
    ("layers/embedding.py", "forward"): "embedding: gather",
    ("fast/embedding.py", "embedding_backward"): "embedding: scatter-add",
    ("optimizers/base.py", "update"): "Adam",
}
INCLUSIVE = {"unblocked", "dropout", "forward", "embedding_backward", "update", "_random_bits"}


class OneThread:
    """A pool that runs shards in the calling thread, where the profiler sees them."""

    def map(self, function: Callable[[int, slice], Any], rows: int) -> Iterator[Any]:
        return (function(number, part) for number, part in enumerate(shard_slices(rows)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", nargs="?", default="bai3")
    parser.add_argument("--steps", type=int, default=8)
    arguments = parser.parse_args()
    recipe = load_recipe(arguments.recipe)
    rng = np.random.default_rng(0)
    shape = (recipe.training.batch_size, recipe.data.max_length)
    indices = rng.integers(1, recipe.text.num_words, shape).astype(np.int32)
    targets = np.eye(CLASSES, dtype=np.float32)[rng.integers(0, CLASSES, len(indices))]
    model = build_model(recipe, vocabulary_size=VOCABULARY, classes=CLASSES, seed=1)
    optimizer = Adam(recipe.training.learning_rate)
    pool: Any = OneThread()

    def step() -> None:
        random = partial(keyed_generator, 1, Purpose.DROPOUT, optimizer.step)
        batch = batch_gradients(model, indices, targets, pool, random)
        optimizer.update(model.parameters, batch.gradients)

    profile = cProfile.Profile()
    with shard_pool(1):  # its memory and its single thread of BLAS
        for _ in range(3):
            step()
        profile.enable()
        for _ in range(arguments.steps):
            step()
        profile.disable()
    print_table(recipe.name, pstats.Stats(profile), arguments.steps)


def print_table(name: str, stats: pstats.Stats, steps: int) -> None:
    total = stats.total_tt  # type: ignore[attr-defined]
    seconds: dict[str, float] = {}
    for (path, _, function), numbers in stats.stats.items():  # type: ignore[attr-defined]
        part = PARTS.get(("/".join(path.split("/")[-2:]), function))
        if part is not None:
            seconds[part] = numbers[3] if function in INCLUSIVE else numbers[2]
    seconds["all else"] = total - sum(seconds.values())
    print(f"| {name}, one step on one thread | ms | % of step |\n|---|---|---|")
    for part, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        print(f"| {part} | {1e3 * spent / steps:.1f} | {100 * spent / total:.1f} |")
    print(f"| the whole step | {1e3 * total / steps:.0f} | 100 |")


if __name__ == "__main__":
    main()
