"""What a step costs in several processes: its parts, a model made of them, and steps beside it.

    .venv/bin/python benchmarks/data_parallel.py imdb-train bai3 --rounds 8

Each process takes one thread. Numbers of processes take turns in one run, a few steps a turn. The
parts of the model are processor seconds, which other work on the machine leaves as they are; it has
one core for each process, and says where more of them stop paying on networks of 1 and 10 Gbit/s,
of which bandwidth and latency are assumed, not measured.
"""

import argparse
import copy
import os
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from pathlib import Path
from statistics import median
from threading import Thread
from typing import TypeVar

os.environ["HOIQUY_THREADS"] = "1"

import numpy as np

from hoiquy.data import load_dataset
from hoiquy.data.dataset import Documents
from hoiquy.distributed.handshake import Invitation
from hoiquy.distributed.local import LocalWorkers
from hoiquy.distributed.parts import parts_of
from hoiquy.distributed.pieces import gradient_message, pieces, read_gradient
from hoiquy.distributed.team import Team
from hoiquy.distributed.wire import Connection, Message
from hoiquy.events import ignore
from hoiquy.nn.kernels import Gradient, add_gradient, add_gradients
from hoiquy.nn.shards import SHARD_ROWS, shard_pool, shard_slices
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.training.encoding.batches import Batch
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.gradients import OneProcess, Steps
from hoiquy.training.loop import epoch_batches
from hoiquy.training.state import TrainingState

NETWORKS = {"1 Gbit/s": (117e6, 1e-4), "10 Gbit/s": (1.17e9, 5e-5)}  # bytes a second, seconds a hop
TICKS = os.sysconf("SC_CLK_TCK")
WIDE = 1024  # documents of a larger batch, for the model
STEPS_A_TURN = 3

T = TypeVar("T")


@dataclass(frozen=True)
class Parts:
    """Seconds and bytes of the parts of a step."""

    shard: float  # forward and back
    update: float  # clipping not counted
    add: float  # a shard's gradients to a sum
    coding: float  # a gradient into messages and back
    bytes_of_rows: float  # a document's indices and targets
    bytes_of_sum: float  # a batch's gradients
    share_of_piece: float  # of them, the largest piece
    wide_bytes: float  # the gradients of a batch of WIDE documents


def step_seconds(parts: Parts, processes: int, shards: int, speed: float, latency: float) -> float:
    """The model. speed: bytes a second of a network; each process has a core."""
    busy = min(processes, shards)
    compute = ceil(shards / busy) * parts.shard + parts.update
    if busy == 1:
        return compute
    # Every process takes a piece, adds to it and gives it on, while the next piece is on its way.
    stage = parts.bytes_of_sum / speed + parts.coding + ceil(shards / busy) * parts.add
    up = stage * (1 + (busy - 1) * parts.share_of_piece) + busy * latency
    back = parts.bytes_of_sum / speed + parts.coding
    down = back * (1 + (processes - 2) * parts.share_of_piece) + (processes - 1) * latency
    rows = parts.bytes_of_rows * SHARD_ROWS * (shards - ceil(shards / busy)) / speed + latency
    return rows + compute + up + down


def timed(act: Callable[[], T], clock: Callable[[], float] = time.process_time) -> tuple[float, T]:
    begun = clock()
    result = act()
    return clock() - begun, result


def size_of(message: Message) -> int:
    return sum(map(len, message.parts()))


def measure_parts(recipe: Recipe, prepared: Prepared, batches: list[Batch]) -> Parts:
    state = TrainingState.beginning(recipe, prepared)
    cut = list(pieces(state.model.parameters))
    measured: dict[str, list[float]] = defaultdict(list)
    wide: dict[str, Gradient] = {}

    def in_pieces(gradients: dict[str, Gradient]) -> list[Gradient]:
        return [piece.of(gradients[piece.name]) for piece in cut]

    with shard_pool(1) as pool:
        one = OneProcess(recipe, state, pool)
        for number, batch in enumerate(batches):
            gradients = one.gradients(batch).gradients
            measured["update"].append(timed(partial(one.update, gradients))[0])
            part = parts_of(batch, 1, len(batch.rows))[0]  # one shard
            seconds, (shard,) = timed(lambda part=part: list(part.results(recipe, state, pool)))
            measured["shard"].append(seconds)
            if number * recipe.training.batch_size < WIDE:
                add_gradients(wide, copy.deepcopy(gradients))
            whole, own = in_pieces(gradients), in_pieces(shard.gradients)
            to, messages = timed(lambda whole=whole: list(map(gradient_message, whole)))
            back, _ = timed(lambda messages=messages: list(map(read_gradient, messages)))
            measured["coding"].append(to + back)
            adding, _ = timed(lambda whole=whole, own=own: list(map(add_gradient, whole, own)))
            measured["add"].append(adding)
            sizes = list(map(size_of, messages))
            measured["bytes_of_sum"].append(sum(sizes))
            measured["share_of_piece"].append(max(sizes) / sum(sizes))
            measured["bytes_of_rows"].append(size_of(part.message()) / len(part.indices))
    wide_bytes = sum(size_of(gradient_message(gradient)) for gradient in in_pieces(wide))
    return Parts(**{key: median(each) for key, each in measured.items()}, wide_bytes=wide_bytes)


def loopback() -> tuple[float, float]:
    """Bytes a second, and seconds of a hop."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        here = Connection(socket.create_connection(listener.getsockname()), "there", 60)
        there = Connection(listener.accept()[0], "here", 60)

    def answer() -> None:
        for _ in range(208):
            there.receive()
            there.send(Message("answer"))

    def ask(message: Message) -> None:
        here.send(message)
        here.receive()

    thread = Thread(target=answer)
    thread.start()
    clock = time.perf_counter
    hop = median(timed(partial(ask, Message("ask")), clock)[0] for _ in range(200)) / 2
    large = Message("large", {}, {"x": np.ones(8_000_000, np.float32)})
    speed = 32e6 / (min(timed(partial(ask, large), clock)[0] for _ in range(8)) - 2 * hop)
    thread.join()
    here.close()
    there.close()
    return speed, hop


def processor_seconds(processes: list[int]) -> float:
    total = 0
    for process in processes:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


@dataclass
class Measured:
    """Steps by so many processes, and the processes."""

    steps: Steps
    processes: list[int]
    seconds: list[float]
    processor: list[float]


def opened(stack: ExitStack, recipe: Recipe, prepared: Prepared, processes: int) -> Measured:
    state = TrainingState.beginning(recipe, prepared)
    pool = stack.enter_context(shard_pool(1))
    here = [os.getpid()]
    if processes == 1:
        return Measured(OneProcess(recipe, state, pool), here, [], [])

    def launch(invitation: Invitation, count: int) -> LocalWorkers:
        workers = LocalWorkers(invitation, count)
        here.extend(process.pid for process in workers.processes)
        return workers

    team = Team(processes, launch)
    return Measured(
        stack.enter_context(team.open(recipe, prepared, state, pool, ignore)), here, [], []
    )


def measure_steps(
    recipe: Recipe, prepared: Prepared, batches: list[Batch], rounds: int
) -> dict[int, Measured]:
    with ExitStack() as stack:
        teams = {count: opened(stack, recipe, prepared, count) for count in (1, 2, 3, 4)}
        for number in range(rounds + 1):
            for count in sorted(teams, key=lambda count: (count + number) % 4):
                team = teams[count]
                before, begun = processor_seconds(team.processes), time.perf_counter()
                for batch in batches[number : number + STEPS_A_TURN]:
                    team.steps.update(team.steps.gradients(batch).gradients)
                team.seconds.append((time.perf_counter() - begun) / STEPS_A_TURN)
                time.sleep(0.3)  # the last worker does its update
                spent = processor_seconds(team.processes) - before
                team.processor.append(spent / STEPS_A_TURN)
    for team in teams.values():  # the first turn warms up
        del team.seconds[0], team.processor[0]
    return teams


def some_batches(recipe: Recipe, prepared: Prepared, count: int) -> Iterator[Batch]:
    model = TrainingState.beginning(recipe, prepared).model
    for step, rows in enumerate(epoch_batches(recipe, model, prepared.train, 1)[:count], 1):
        yield Batch(step, rows, prepared.train.indices(rows), prepared.train.targets(rows))


def print_model(parts: Parts, shards: int, title: str) -> None:
    counts = sorted({1, 2, 3, 4, 6, 8, 12, 16, 24, 32})
    counts = [count for count in counts if count <= shards]
    print(f"\n{title}: seconds of a step in the model\n")
    print("| processes | " + " | ".join(map(str, counts)) + " | least at |")
    print("|---" * (len(counts) + 2) + "|")
    for name, network in NETWORKS.items():
        steps = {n: step_seconds(parts, n, shards, *network) for n in range(1, shards + 1)}
        best = min(steps, key=lambda n: steps[n])
        print(f"| {name} | " + " | ".join(f"{steps[n]:.3f}" for n in counts) + f" | {best} |")


def print_steps(teams: dict[int, Measured], model: dict[int, float]) -> None:
    print("\n| processes | ms a step | least | of one process | model | processor ms | more |")
    print("|---|---|---|---|---|---|---|")
    for count, team in teams.items():
        ratio = median(b / a for a, b in zip(teams[1].seconds, team.seconds, strict=True))
        more = median(b / a for a, b in zip(teams[1].processor, team.processor, strict=True)) - 1
        print(
            f"| {count} | {1e3 * median(team.seconds):.0f} | {1e3 * min(team.seconds):.0f} | "
            f"{ratio:.2f} | {1e3 * model[count]:.0f} | {1e3 * median(team.processor):.0f} | "
            f"{more:+.0%} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data")
    parser.add_argument("recipe", nargs="?", default="bai3")
    parser.add_argument("--rounds", type=int, default=8, help="0: only the parts and the model")
    arguments = parser.parse_args()
    recipe = load_recipe(arguments.recipe)
    dataset = load_dataset(arguments.data)
    dataset = replace(dataset, test=Documents(dataset.test.texts[:2], dataset.test.labels[:2]))
    prepared = prepare(recipe, dataset)
    shards = len(shard_slices(recipe.training.batch_size))
    batches = list(some_batches(recipe, prepared, arguments.rounds + STEPS_A_TURN + 1))
    parts = measure_parts(recipe, prepared, batches)
    speed, hop = loopback()
    print(f"{recipe.name}: {shards} shards a batch; one thread a process\n")
    print(f"- a shard {1e3 * parts.shard:.0f} ms, an update {1e3 * parts.update:.1f} ms")
    print(f"- adding a shard {1e3 * parts.add:.1f} ms, coding {1e3 * parts.coding:.1f} ms")
    print(f"- a document {parts.bytes_of_rows:,.0f} bytes, gradients {parts.bytes_of_sum:,.0f}")
    print(f"- loopback {speed / 1e9:.2f} GB/s, {1e6 * hop:.0f} µs a hop")
    if arguments.rounds:
        teams = measure_steps(recipe, prepared, batches, arguments.rounds)
        print_steps(teams, {n: step_seconds(parts, n, shards, speed, hop) for n in teams})
    print_model(parts, shards, f"{recipe.training.batch_size} documents a batch")
    parts = replace(parts, bytes_of_sum=parts.wide_bytes)
    print_model(parts, WIDE // SHARD_ROWS, f"{WIDE} documents a batch")


if __name__ == "__main__":
    main()
