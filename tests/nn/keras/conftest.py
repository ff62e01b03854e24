"""Keras on JAX, whatever the machine's own settings, and without writing to its home."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

# Keras reads both when it is imported, so they are set before any test module is.
os.environ["KERAS_BACKEND"] = "jax"
if "KERAS_HOME" not in os.environ:
    os.environ["KERAS_HOME"] = tempfile.mkdtemp(prefix="keras-home-")
    atexit.register(shutil.rmtree, os.environ["KERAS_HOME"], ignore_errors=True)

# Keras' variables convert themselves as NumPy 1 had it.
KERAS_AND_NUMPY_2 = "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(KERAS_AND_NUMPY_2))
