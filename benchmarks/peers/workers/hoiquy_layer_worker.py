"""hoiquy's recurrent layer alone, forward and backward, as in `layer_rate.py`."""

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).parents[2]))

from hoiquy_worker import versions  # noqa: F401
from layer_arrays import outputs_of

from hoiquy.nn import layers
from hoiquy.nn.shards import shard_pool
from layer_rate import Layer, drawn_layer, step_of

_OPEN = ExitStack()  # keeps the thread pool open until the process ends
_POOL = _OPEN.enter_context(shard_pool(int(os.environ["HOIQUY_BENCH_THREADS"])))


def prepare(task: dict[str, Any]) -> tuple[dict[str, Callable[[], object]], Callable[[], Any]]:
    """Draw the layer's arrays and save them for the others."""
    kind = getattr(layers, task["kind"])
    sizes = (task["embedding"], task["units"], task["length"], task["batch"])
    drawn = drawn_layer(Layer("", kind, task["gates"], *sizes))
    parameters = drawn.network.parameters
    rng = np.random.default_rng(2)
    parameters["bias"][:] = 0.1 * rng.standard_normal(parameters["bias"].shape)
    x = np.ascontiguousarray(drawn.x.swapaxes(0, 1))
    np.savez(task["weights"], x=x, d_y=drawn.d_y, **parameters)
    step = step_of(drawn, _POOL, layers.Context(wants_d_inputs=True))

    def outputs() -> Any:
        last_state, gradients = step()
        return outputs_of(last_state, gradients["kernel"], gradients["recurrent_kernel"])

    return {"layer": step}, outputs
