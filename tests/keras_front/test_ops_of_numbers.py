"""Functions of `keras.ops` that autograd has in modules which are slow to import."""

import subprocess
import sys

import numpy as np
import pytest
from autograd import elementwise_grad
from scipy import special

from hoiquy.keras.values import primitives

_IMPORT = "import sys, hoiquy.keras.ops; print('scipy.stats' in sys.modules)"


def test_erf_and_its_gradient() -> None:
    x = np.linspace(-3, 3, 13)
    assert np.array_equal(primitives.erf(x), special.erf(x))
    slope = (special.erf(x + 1e-5) - special.erf(x - 1e-5)) / 2e-5
    np.testing.assert_allclose(elementwise_grad(primitives.erf)(x), slope, atol=1e-9)


@pytest.mark.process
def test_the_operations_do_not_import_all_of_scipy() -> None:
    done = subprocess.run([sys.executable, "-c", _IMPORT], capture_output=True, check=True)
    assert done.stdout.strip() == b"False"
