"""The time of a step by one process, and by one to four Ray actors on this machine.

    .venv/bin/python benchmarks/data_parallel.py imdb-train bai3 --rounds 8

Each process has one thread. They take turns in one run, a few steps a turn. On a machine with
fewer idle cores than workers, more workers only show what the transfers cost.
"""

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from statistics import median

os.environ["HOIQUY_THREADS"] = "1"

from hoiquy.data import load_dataset
from hoiquy.data.dataset import Documents
from hoiquy.events import ignore
from hoiquy.nn.shards import shard_pool, shard_slices
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.training.encoding.batches import Batch
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.gradients import OneProcess, Steps
from hoiquy.training.loop import epoch_batches
from hoiquy.training.ray.data_parallel import RayWorkers
from hoiquy.training.ray.session import ray_session
from hoiquy.training.state import TrainingState

WORKERS = (0, 1, 2, 3, 4)  # 0: one process without Ray
STEPS_A_TURN = 3


@dataclass
class Timed:
    """Steps, and the seconds of one in each turn."""

    steps: Steps
    seconds: list[float] = field(default_factory=list)


def started(stack: ExitStack, recipe: Recipe, prepared: Prepared, workers: int) -> Timed:
    state = TrainingState.initial(recipe, prepared)
    if workers == 0:
        return Timed(OneProcess(recipe, state, stack.enter_context(shard_pool(1))))
    actors = RayWorkers(workers, is_local=True)
    return Timed(stack.enter_context(actors.start(recipe, state, ignore)))


def measure(
    recipe: Recipe, prepared: Prepared, batches: list[Batch], rounds: int
) -> dict[int, list[float]]:
    with ExitStack() as stack:
        stack.enter_context(ray_session("auto", cpus=sum(WORKERS)))
        timed = {count: started(stack, recipe, prepared, count) for count in WORKERS}
        for number in range(rounds + 1):
            for count in sorted(timed, key=lambda count: (count + number) % len(WORKERS)):
                steps, begin = timed[count].steps, time.perf_counter()
                for batch in batches[number : number + STEPS_A_TURN]:
                    steps.update(steps.gradients(batch).gradients)
                timed[count].seconds.append((time.perf_counter() - begin) / STEPS_A_TURN)
                time.sleep(0.3)  # the workers make the last update
    return {count: each.seconds[1:] for count, each in timed.items()}  # the first one warms up


def some_batches(recipe: Recipe, prepared: Prepared, count: int) -> Iterator[Batch]:
    model = TrainingState.initial(recipe, prepared).model
    for step, rows in enumerate(epoch_batches(recipe, model, prepared.train, 1)[:count], 1):
        yield Batch(step, rows, prepared.train.indices(rows), prepared.train.targets(rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data")
    parser.add_argument("recipe", nargs="?", default="bai3")
    parser.add_argument("--rounds", type=int, default=8)
    arguments = parser.parse_args()
    recipe = load_recipe(arguments.recipe)
    dataset = load_dataset(arguments.data)
    dataset = replace(dataset, test=Documents(dataset.test.texts[:2], dataset.test.labels[:2]))
    prepared = prepare(recipe, dataset)
    shards = len(shard_slices(recipe.training.batch_size))
    batches = list(some_batches(recipe, prepared, arguments.rounds + STEPS_A_TURN + 1))
    print(f"{recipe.name}: {shards} shards a batch, {os.cpu_count()} cores, one thread a process\n")
    print("| | ms a step | least | of one process |\n|---|---|---|---|")
    seconds = measure(recipe, prepared, batches, arguments.rounds)
    for count, each in seconds.items():
        name = f"{count} actors" if count else "one process"
        ratio = median(b / a for a, b in zip(seconds[0], each, strict=True))
        print(f"| {name} | {1e3 * median(each):.0f} | {1e3 * min(each):.0f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
