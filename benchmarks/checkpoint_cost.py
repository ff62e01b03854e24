"""The time for checkpoints and run files in an epoch."""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from hoiquy.data.dataset import Dataset, Documents
from hoiquy.recipe.recipe import load_recipe
from hoiquy.runs.checkpoint import save_checkpoint
from hoiquy.runs.files import history_file, weights_file
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.training.checkpointer import CHECKPOINT_SECONDS
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.fit_callbacks import FitCallbacks
from hoiquy.training.loop import fit
from hoiquy.training.state import TrainingState

DOCUMENTS, WORDS = 22_500, 88_584


def invented(documents: int, rng: np.random.Generator) -> Dataset:
    """Long texts in which every word of a large vocabulary occurs, so that no weight is missing."""
    words = np.array([f"w{number}" for number in range(WORDS)])
    ranks = 1 / np.arange(1, WORDS + 1)
    texts = [" ".join(rng.choice(words, 220, p=ranks / ranks.sum())) for _ in range(documents)]
    texts[0] = " ".join(words)
    labels = rng.integers(0, 2, documents).astype(np.int32)
    part = Documents(texts, labels)
    return Dataset("invented", ("neg", "pos"), part, Documents(texts[:2], labels[:2]), "", False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", nargs="?", default="bai3")
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--rounds", type=int, default=10)
    arguments = parser.parse_args()
    recipe = load_recipe(arguments.recipe)
    batch = recipe.training.batch_size
    steps = -(-DOCUMENTS // batch)
    prepared = prepare(recipe, invented(batch * (arguments.rounds + 2), np.random.default_rng(1)))
    step_seconds: list[float] = []
    checkpoint_seconds: list[float] = []
    epoch_seconds: list[float] = []
    with tempfile.TemporaryDirectory(dir=arguments.out) as place:
        run = Path(place)
        ended = time.perf_counter()

        def after_step(state: TrainingState) -> None:
            nonlocal ended
            begun = time.perf_counter()
            step_seconds.append(begun - ended)
            save_checkpoint(run, state.position.updates, state.facts(), state.arrays())
            saved = time.perf_counter()
            files = weights_file(state.model.parameters) | history_file(state.history)
            write_checksummed(run, files)
            ended = time.perf_counter()
            checkpoint_seconds.append(saved - begun)
            epoch_seconds.append(ended - saved)

        fit(
            recipe.with_settings(["training.epochs=1"]),
            prepared,
            FitCallbacks(after_step=after_step),
        )
    step, checkpoint, files = map(median, (step_seconds[1:-1], checkpoint_seconds, epoch_seconds))
    epoch = steps * step
    saves = files + checkpoint * (1 + epoch // CHECKPOINT_SECONDS)
    print(f"a step {step * 1e3:.0f} ms, a checkpoint {checkpoint * 1e3:.0f} ms, ", end="")
    print(f"an epoch's files {files * 1e3:.0f} ms")
    print(f"{steps} steps an epoch: saving takes {saves / epoch:.2%} of the time of training")


if __name__ == "__main__":
    main()
