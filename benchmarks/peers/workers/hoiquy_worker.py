"""hoiquy itself, in a process of its own like every other."""

import math
import os
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from importlib import metadata
from itertools import cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels import Array, kernels_for, numbers_of
from hoiquy.nn.layers import GRU, LSTM, Recurrent, SimpleRNN
from hoiquy.nn.model import Model
from hoiquy.nn.optimizers import Adam
from hoiquy.nn.shards import ShardPool, shard_pool
from hoiquy.recipe.recipe import Recipe
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.text import EncodedDocuments
from hoiquy.training.encoding.prepared import Split
from hoiquy.training.gradients import batch_gradients
from hoiquy.training.inference import Inference
from hoiquy.training.loop import score
from hoiquy.training.model_building import build_model

Step = Callable[[], object]
Probabilities = Callable[[], Array]

_OPEN = ExitStack()  # keeps the pool of threads open as long as the process lives
_CELLS: dict[str, type[Recurrent]] = {"simple_rnn": SimpleRNN, "lstm": LSTM, "gru": GRU}


def versions() -> dict[str, str]:
    names = ("hoiquy", "numpy", "numba", "llvmlite")
    return {name: metadata.version(name) for name in names} | {
        "kernels": kernels_for(np.float32).kind
    }


def prepare(task: dict[str, Any]) -> tuple[Step, Probabilities | None]:
    """Build the task's network; its weights are saved to `save_weights`, for all others."""
    pool = _OPEN.enter_context(shard_pool(int(os.environ["HOIQUY_BENCH_THREADS"])))
    if task["kind"] == "layer":
        return _layer(task, pool), None
    recipe = Recipe.model_validate(task["recipe"])
    model = build_model(recipe, vocabulary_size=task["vocabulary"], classes=task["classes"], seed=1)
    if "save_weights" in task:
        np.savez(task["save_weights"], **model.parameters)  # type: ignore[arg-type]
    with np.load(task["documents"]) as arrays:
        batches, targets = arrays["batches"], arrays["targets"]
    if task["kind"] == "training":
        step = _training(recipe, model, batches, targets, pool)
    elif task["kind"] == "inference":
        step = _inference(recipe, model, batches[0], task["batch_size"], pool)
    else:
        step = _latency(model, batches[0])
    return step, lambda: Inference.of(model, batches[0].shape[1]).probabilities(
        batches[0][: task["check"]]
    )


def _training(
    recipe: Recipe, model: Model, batches: NDArray[np.int32], targets: Array, pool: ShardPool
) -> Step:
    optimizer = Adam(recipe.training.learning_rate)
    turns = cycle(zip(batches, targets, strict=True))

    def step() -> None:
        indices, wanted = next(turns)
        rng = partial(keyed_generator, 1, Purpose.DROPOUT, 1, optimizer.step)
        batch = batch_gradients(model, indices, wanted, pool, rng)
        optimizer.update(model.parameters, batch.gradients)

    return step


def _inference(
    recipe: Recipe, model: Model, indices: NDArray[np.int32], batch_size: int, pool: ShardPool
) -> Step:
    documents, length = indices.shape
    starts = np.arange(documents + 1, dtype=np.int64) * length
    labels = np.zeros(documents, np.int32)
    split = Split(EncodedDocuments(indices.ravel(), starts), labels, 2, recipe.data)
    return lambda: score(model, split, pool, batch_size=batch_size)


def _latency(model: Model, indices: NDArray[np.int32]) -> Step:
    inference = Inference.of(model, indices.shape[1])
    turns = cycle(range(len(indices)))

    def step() -> None:
        at = next(turns)
        inference.probabilities(indices[at : at + 1])

    return step


def _layer(task: dict[str, Any], pool: ShardPool) -> Step:
    """Forward and backward of one recurrent layer, all of its gradients, summed over shards."""
    rng = np.random.default_rng(1)
    kind = _CELLS[task["cell"]]
    inputs, units = task["inputs"], task["units"]
    options = {"activation": task["activation"]} if kind is SimpleRNN else {}
    parameters = kind.initial_parameters(inputs, units, rng, np.float32)
    layer = kind(task["cell"], parameters, wants_d_x=task["wants_d_x"], **options)
    x = rng.standard_normal((task["time"], task["batch"], inputs), np.float32)
    x /= np.float32(math.sqrt(inputs))
    d_y = rng.standard_normal((task["batch"], units), np.float32)

    parts: dict[int, tuple[Array, Array]] = {}  # cut in the first step, which is not timed

    def one_shard(shard: int, rows: slice) -> dict[str, Array]:
        if shard not in parts:
            parts[shard] = np.ascontiguousarray(x[:, rows]), np.ascontiguousarray(d_y[rows])
        shard_x, shard_d_y = parts[shard]
        _, backward = layer.forward(shard_x, None, None)
        _, gradients = backward(shard_d_y)
        return {name: numbers_of(gradient) for name, gradient in gradients.items()}

    def step() -> None:
        total: dict[str, Array] = {}
        for gradients in pool.map(one_shard, task["batch"]):
            for name, gradient in gradients.items():
                total[name] = total[name] + gradient if name in total else gradient

    return step
