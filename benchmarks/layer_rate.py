"""The rate of the lab's recurrent layers, as a share of NumPy's matrix product."""

import argparse
import time
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from hoiquy.nn.kernels import Array, gradient_values
from hoiquy.nn.layers import GRU, LSTM, Context, Recurrent, SimpleRNN
from hoiquy.nn.shards import ShardPool, default_threads, shard_pool

SGEMM_SIZE = 1536
PAUSE_SECONDS = 0.3  # in which threads that spin fall asleep


class Layer(NamedTuple):
    """A recurrent layer of a recipe; `reads_values`: its inputs need no gradient."""

    recipe: str
    kind: type[Recurrent]
    gates: int
    inputs: int
    units: int = 200
    time: int = 200
    batch: int = 128
    reads_values: bool = False
    activation: str = ""  # "" for the default


LAYERS = (
    Layer("bai1", SimpleRNN, 1, 1, reads_values=True, activation="relu"),
    Layer("bai3", LSTM, 4, 128),
    Layer("bai5", GRU, 3, 128),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    threads = default_threads()
    print(f"{threads} threads, {rounds} rounds: median (lowest-highest)")
    with shard_pool(threads) as pool:
        for layer in LAYERS:
            step, times, shares = layer_step(layer, pool), [], []
            step()
            for _ in range(rounds):
                times.append(seconds(step, 2))
                with threadpool_limits(threads):
                    sgemm_rate = 2 * SGEMM_SIZE**3 / seconds(sgemm(), 3)
                shares.append(layer_flops(layer) / times[-1] / sgemm_rate)
            print(
                f"{layer.kind.__name__}({layer.units}) on {layer.time} × {layer.batch} × "
                f"{layer.inputs} ({layer.recipe}): {1e3 * median(times):.0f} ms "
                f"({1e3 * min(times):.0f}-{1e3 * max(times):.0f}), {median(shares):.0%} of sgemm "
                f"({min(shares):.0%}-{max(shares):.0%})"
            )


def layer_flops(layer: Layer) -> int:
    """Operations of the matrix products of a forward and backward pass.

    Forward x W and h U; backward the gradients of W, U and h, and of x where it is wanted.
    """
    x_products = 2 if layer.reads_values else 3
    depth = x_products * layer.inputs + 3 * layer.units
    return 2 * layer.time * layer.batch * layer.gates * layer.units * depth


class Drawn(NamedTuple):
    """A layer with random parameters, its inputs and the gradient of its last state."""

    network: Recurrent
    x: Array  # (batch, time, inputs), whose memory is time first
    d_y: Array  # (batch, units)


def drawn_layer(layer: Layer) -> Drawn:
    rng = np.random.default_rng(1)
    parameters = layer.kind.initial_parameters(layer.inputs, layer.units, rng, np.float32)
    options: dict[str, Any] = {"activation": layer.activation} if layer.activation else {}
    network = layer.kind("layer", parameters, **options)
    x = rng.standard_normal((layer.time, layer.batch, layer.inputs), np.float32).swapaxes(0, 1)
    x /= np.float32(layer.inputs**0.5)
    return Drawn(network, x, rng.standard_normal((layer.batch, layer.units), np.float32))


def layer_step(layer: Layer, pool: ShardPool) -> Callable[[], tuple[Array, dict[str, Array]]]:
    """Return a function that computes forward, backward and the sum of the shards' gradients.

    It returns the last states and the gradients of the parameters.
    """
    return step_of(drawn_layer(layer), pool, Context(wants_d_inputs=not layer.reads_values))


def step_of(
    drawn: Drawn, pool: ShardPool, context: Context
) -> Callable[[], tuple[Array, dict[str, Array]]]:
    network, x, d_y = drawn
    parts: dict[int, tuple[Array, Array]] = {}  # cut in the first step, which is not timed

    def one_shard(shard: int, rows: slice) -> tuple[Array, dict[str, Array]]:
        if shard not in parts:
            parts[shard] = _time_first(x[rows]), np.ascontiguousarray(d_y[rows])
        shard_x, shard_d_y = parts[shard]
        call = network.call([shard_x], [None], context)
        _, gradients = call.backward([shard_d_y])
        return call.outputs[0], {
            name: gradient_values(gradient) for name, gradient in gradients.items()
        }

    def step() -> tuple[Array, dict[str, Array]]:
        states: list[Array] = []
        total: dict[str, Array] = {}
        for state, gradients in pool.map(one_shard, len(x)):
            states.append(state)
            for name, gradient in gradients.items():
                total[name] = total[name] + gradient if name in total else gradient
        return np.concatenate(states), total

    return step


def sgemm() -> Callable[[], object]:
    """Return NumPy's product of two square float32 matrices."""
    a, b = np.random.default_rng(0).standard_normal((2, SGEMM_SIZE, SGEMM_SIZE), np.float32)
    out = np.empty_like(a)
    return lambda: np.dot(a, b, out=out)


def seconds(step: Callable[[], object], count: int) -> float:
    """The median time of a step, after a pause and one that is not timed."""
    time.sleep(PAUSE_SECONDS)
    step()
    times = []
    for _ in range(count):
        begin = time.perf_counter()
        step()
        times.append(time.perf_counter() - begin)
    return median(times)


def _time_first(x: Array) -> Array:
    """A copy whose memory is time first, as a layer before it would hand it on."""
    return np.ascontiguousarray(x.swapaxes(0, 1)).swapaxes(0, 1)


if __name__ == "__main__":
    main()
