"""One training step of hoiquy and of real Keras on the same batch, taken in turn in one run.

    make bench        or        .venv/bin/python benchmarks/training_step.py bai3 bai5 --rounds 9

Prints median, lowest and highest milliseconds of a step (forward, backward, Adam), their ratio, and
the sgemm rate of the same run. Keras has the full embedding of 88,584 rows, as the lab has it;
hoiquy trains the rows that can be read. Documents are random indices: the work is the same.
"""

import argparse
import os
import time
from collections.abc import Callable
from functools import partial
from statistics import median

import numpy as np

from hoiquy.keyed_random import Purpose, keyed_generator
from hoiquy.model import build_model
from hoiquy.optimizers import Adam
from hoiquy.parallel import default_threads, shard_pool
from hoiquy.recipe import Recipe, load_recipe
from hoiquy.training import batch_gradients

VOCABULARY = 88_584
CLASSES = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipes", nargs="*", default=["bai1", "bai3", "bai4", "bai5"])
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras

    print(f"{default_threads()} threads; Keras {keras.__version__} on {keras.config.backend()}")
    print(f"{'recipe':8}{'hoiquy ms':>24}{'Keras ms':>26}{'ratio':>8}{'sgemm GFLOP/s':>16}")
    for name in arguments.recipes:
        compare(load_recipe(name), arguments.rounds)


def compare(recipe: Recipe, rounds: int) -> None:
    """Take the two in turn and print one line."""
    rng = np.random.default_rng(0)
    shape = (recipe.training.batch_size, recipe.data.max_length)
    indices = rng.integers(1, recipe.text.num_words, shape).astype(np.int32)
    targets = np.eye(CLASSES, dtype=np.float32)[rng.integers(0, CLASSES, len(indices))]
    ours: list[float] = []
    theirs: list[float] = []
    rates: list[float] = []
    keras_step = make_keras_step(recipe, indices, targets)
    with shard_pool() as pool:
        hoiquy_step = make_hoiquy_step(recipe, indices, targets, pool)
        for step in (hoiquy_step, keras_step):
            step()  # compiles
        for _ in range(rounds):
            ours.append(milliseconds(hoiquy_step))
            theirs.append(milliseconds(keras_step))
            rates.append(sgemm_rate())
    ratio = median(theirs) / median(ours)
    print(
        f"{recipe.name:8}{spread(ours):>24}{spread(theirs):>26}{ratio:>7.2f}x"
        f"{median(rates):>16.0f}",
        flush=True,
    )


def make_hoiquy_step(recipe: Recipe, indices, targets, pool) -> Callable[[], None]:  # type: ignore[no-untyped-def]
    model = build_model(recipe, vocabulary_size=VOCABULARY, classes=CLASSES, seed=1)
    optimizer = Adam(recipe.training.learning_rate)

    def step() -> None:
        rng = partial(keyed_generator, 1, Purpose.DROPOUT, optimizer.step)
        batch = batch_gradients(model, indices, targets, pool, rng)
        optimizer.update(model.parameters, batch.gradients)

    return step


def make_keras_step(recipe: Recipe, indices, targets) -> Callable[[], None]:  # type: ignore[no-untyped-def]
    import keras

    from hoiquy.interop.keras import build_keras_model

    model = build_keras_model(recipe, vocabulary_size=VOCABULARY, classes=CLASSES, logits=True)
    model.compile(
        optimizer=keras.optimizers.Adam(recipe.training.learning_rate),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    return lambda: model.train_on_batch(indices, targets)


def milliseconds(function: Callable[[], None]) -> float:
    start = time.perf_counter()
    function()
    return (time.perf_counter() - start) * 1e3


def sgemm_rate(size: int = 1536) -> float:
    """GFLOP/s of NumPy's float32 matrix product."""
    a = np.full((size, size), 0.5, np.float32)
    return 2 * size**3 / milliseconds(lambda: np.dot(a, a)) / 1e6


def spread(times: list[float]) -> str:
    return f"{median(times):.0f} ({min(times):.0f}–{max(times):.0f})"


if __name__ == "__main__":
    main()
