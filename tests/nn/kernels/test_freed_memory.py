"""The fast kernels read no memory that they have freed: here it is overwritten at once."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from cells import CELLS, random_weights, run

from hoiquy.nn.kernels import Lookup


def compute() -> None:
    """Forward, backward and from a table of inputs, against the plain kernels."""
    cell, rng = CELLS["gru"], np.random.default_rng(1)
    weights = random_weights(cell, 8, 16, rng)
    embeddings = rng.standard_normal((40, 8)).astype(np.float32)
    indices = rng.integers(0, 40, (9, 8)).astype(np.int32)
    d_hidden = rng.standard_normal((9, 8, 16)).astype(np.float32)
    outcomes = [
        run(cell, kind, embeddings[indices], weights, None, d_hidden) for kind in ("fast", "plain")
    ]
    for name in ("hidden", "d_x"):
        fast, plain = (getattr(outcome, name) for outcome in outcomes)
        np.testing.assert_allclose(fast, plain, rtol=0, atol=1e-4, err_msg=name)
    prepared = cell.fast.prepare(weights)
    looked_up, _ = cell.fast.infer(
        Lookup(indices, cell.fast.project(prepared, embeddings)), prepared
    )
    np.testing.assert_allclose(looked_up, outcomes[1].hidden, rtol=0, atol=1e-4)


def test_memory_that_was_freed_is_not_read() -> None:
    done = subprocess.run(
        [sys.executable, Path(__file__)], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONMALLOC": "debug"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]


if __name__ == "__main__":
    compute()
