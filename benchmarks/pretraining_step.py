"""The rate of a step of `hoiquy pretrain` by part, on random words."""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock
from typing import Any
from unittest.mock import patch

import numpy as np

from hoiquy.nn.optimizers import Adam
from hoiquy.nn.shards import default_threads, shard_pool
from hoiquy.recipe.recipe import Recipe, validate_recipe
from hoiquy.training.kernel_compilation import start_compiling
from hoiquy.workflows.pretraining import gradients, training
from hoiquy.workflows.pretraining.corpus import Corpus, encode_corpus

DOCUMENTS, WORDS = 3000, 300

# Parts that lie within others: the recurrent layers' way back is what remains of a shard.
PARTS = {
    "recurrent layers, forward": (gradients, "_read"),
    "softmax of candidates": (gradients, "softmax_gradients"),
    "a shard as a whole": (gradients, "_gradients"),
    "gradients of the embedding": (gradients, "with_tables"),
    "clipping": (training, "clip_by_global_norm"),
    "Adam": (Adam, "update"),
}


def recipe_of(asked: argparse.Namespace) -> Recipe:
    layers: list[dict[str, Any]] = [
        {"type": "embedding", "units": asked.embedding, "mask_zero": True},
        {"type": "lstm", "units": asked.units, "return_sequences": True},
        {"type": "pooling"},
        {"type": "dense", "activation": "sigmoid"},
    ]
    pretraining = {
        "batch_size": asked.streams,
        "candidates": asked.candidates,
        "steps_per_epoch": 2 + asked.steps,
    }
    tables = {
        "name": "step", "model": {"layers": layers}, "pretraining": pretraining,
        "text": {"num_words": asked.words},
    }  # fmt: skip
    return validate_recipe(tables, "step")


def random_corpus(recipe: Recipe) -> Corpus:
    """Words by Zipf's law."""
    rng, words = np.random.default_rng(1), recipe.text.num_words
    shares = 1 / np.arange(1, words + 1)
    drawn = rng.choice(words, (DOCUMENTS, WORDS), p=shares / shares.sum())
    return encode_corpus(recipe, [" ".join(f"w{word}" for word in text) for text in drawn])


@contextmanager
def timed(seconds: dict[str, float]) -> Iterator[None]:
    """Add up the seconds of each part, over all threads."""
    lock = Lock()

    def wrapped(part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **options: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*args, **options)
            finally:
                with lock:
                    seconds[part] += time.perf_counter() - start

        return run

    with ExitStack() as stack:
        for part, (place, name) in PARTS.items():
            stack.enter_context(patch.object(place, name, wrapped(part, getattr(place, name))))
        yield


def operations(asked: argparse.Namespace) -> dict[str, float]:
    """Operations of the matrix products of a step, by part."""
    words = 2.0 * asked.streams * asked.piece
    cell = words * 4 * asked.units * (asked.embedding + asked.units)
    return {
        "recurrent layers, forward": cell,
        "recurrent layers, backward": 2 * cell + 3 * words * asked.units * asked.embedding,
        "softmax of candidates": 3 * words * asked.candidates * asked.embedding,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (
        ("units", 512), ("embedding", 256), ("streams", 64), ("piece", 64), ("candidates", 4096),
        ("words", 30_000), ("steps", 20),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    start_compiling()
    recipe = recipe_of(asked).with_settings({"pretraining.piece_length": asked.piece})
    corpus, threads = random_corpus(recipe), default_threads()
    state = training.initial_state(recipe, corpus)
    seconds: dict[str, float] = defaultdict(float)
    marks, measured = list[float](), dict[str, float]()
    with shard_pool(threads) as pool, timed(seconds):

        def after_step(_: Any) -> None:
            marks.append(time.perf_counter())
            if len(marks) == 2:  # kernels are compiled and memory is allocated
                seconds.clear()
            if len(marks) == 2 + asked.steps:  # the held-out documents are scored next
                measured.update(seconds)

        run = training.Training(recipe, corpus, state, pool, lambda event: None, after_step)
        run.run()
    step = (marks[1 + asked.steps] - marks[1]) / asked.steps
    report(asked, {part: of / asked.steps for part, of in measured.items()}, step, threads)


def report(asked: argparse.Namespace, seconds: dict[str, float], step: float, threads: int) -> None:
    inside = seconds["recurrent layers, forward"] + seconds["softmax of candidates"]
    seconds["recurrent layers, backward"] = seconds.pop("a shard as a whole") - inside
    counted = operations(asked)
    print("| part | seconds of a thread | GFLOP/s of a thread |\n|---|---|---|")
    for part, own in seconds.items():
        rate = f"{counted[part] / own / 1e9:.1f}" if part in counted else ""
        print(f"| {part} | {own:.4f} | {rate} |")
    words = asked.streams * asked.piece
    print(
        f"\n{threads} threads: a step of {words:,} words takes {step:.3f} s, {words / step:,.0f} "
        f"words/s, {sum(counted.values()) / step / 1e9:.1f} GFLOP/s"
    )


if __name__ == "__main__":
    main()
