"""Vectors of eight and of sixteen numbers give the same bits."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hoiquy.errors import InputError
from hoiquy.nn.kernels.fast.lanes import vector_lanes

PROGRAM = """
import hashlib
import numpy as np
from hoiquy.nn.kernels.fast import recurrent
from hoiquy.nn.kernels.types import RecurrentWeights

rng = np.random.default_rng(1)
digest = hashlib.sha256()
for names, gates in (
    (("lstm", "tanh"), 4), (("gru", "tanh"), 3), (("simple_rnn", "relu"), 1),
    (("gru_reset_before", "softsign", "hard_sigmoid"), 3), (("lstm", "elu", "hard_sigmoid"), 4),
):
    kernel = recurrent.recurrent(*names)
    for inputs, units, batch in ((1, 5, 3), (16, 24, 32), (40, 33, 20)):
        x = rng.standard_normal((6, batch, inputs)).astype(np.float32)
        shapes = (inputs, gates * units), (units, gates * units)
        kernels = [(rng.standard_normal(shape) / 5).astype(np.float32) for shape in shapes]
        bias = rng.standard_normal((2, 3 * units) if names[0] == "gru" else gates * units)
        weights = RecurrentWeights(*kernels, bias.astype(np.float32))
        y, saved = kernel.forward(x, weights)
        d_x, d_weights, _ = kernel.backward(np.ones_like(y), weights, saved)
        for array in (y, d_x, *d_weights):
            assert np.isfinite(array).all()  # the bits of NaN are not defined
            digest.update(np.ascontiguousarray(array).tobytes())
print(digest.hexdigest())
"""


@pytest.mark.slow
@pytest.mark.process
def test_both_widths_give_the_same_bits(tmp_path: Path) -> None:
    results = []
    for lanes in ("8", "16"):
        environment = os.environ | {"HOIQUY_LANES": lanes, "HOIQUY_CACHE": str(tmp_path / lanes)}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        results.append(done.stdout)
    assert results[0] == results[1]


def test_the_width_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOIQUY_LANES", "8")
    assert vector_lanes() == 8
    monkeypatch.setenv("HOIQUY_LANES", "12")
    with pytest.raises(InputError, match="HOIQUY_LANES='12': expected 8 or 16"):
        vector_lanes()
