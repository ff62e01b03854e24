"""hoiquy itself, in its own process like every other library."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from importlib import metadata
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.interop.onnx.model import onnx_model
from hoiquy.nn.kernels import Array, kernels_for
from hoiquy.nn.model import Model
from hoiquy.nn.optimizers import Adam
from hoiquy.nn.shards import ShardPool, shard_pool
from hoiquy.recipe.recipe import Recipe
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.text import EncodedDocuments
from hoiquy.training.encoding.prepared import Split
from hoiquy.training.gradients import batch_gradients
from hoiquy.training.inference import Inference
from hoiquy.training.model_building import build_model
from hoiquy.training.scoring import score

Step = Callable[[], object]

_OPEN = ExitStack()  # keeps the thread pool open until the process ends


def versions() -> dict[str, str]:
    names = ("hoiquy", "numpy", "numba", "llvmlite")
    kernels = {"kernels": kernels_for(np.float32).kind}
    return {name: metadata.version(name) for name in names} | kernels


def prepare(task: dict[str, Any]) -> tuple[Step, Callable[[], Array]]:
    """Build the network and save its weights, which the peers load."""
    pool = _OPEN.enter_context(shard_pool(int(os.environ["HOIQUY_BENCH_THREADS"])))
    recipe = Recipe.model_validate(task["recipe"])
    model = build_model(recipe, vocabulary_size=task["vocabulary"], classes=task["classes"], seed=1)
    np.savez(task["weights"], **model.parameters)  # type: ignore[arg-type]
    if "onnx" in task:
        Path(task["onnx"]).write_bytes(onnx_model(model, recipe.name, "int32"))
    with np.load(task["documents"]) as arrays:
        batches, targets = arrays["batches"], arrays["targets"]
    infer = partial(Inference.of, model, recipe.data.max_length)
    if task["what"] == "training":
        step = _training(recipe, model, batches, targets, pool)
    elif task["what"] == "inference":
        step = _inference(recipe, model, batches[0], task["batch_size"], pool)
    else:
        inference, ones = infer(), cycle(np.split(batches[0], len(batches[0])))

        def step() -> object:
            return inference.probabilities(next(ones))

    return step, lambda: infer().probabilities(batches[0][: task["check"]])


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
