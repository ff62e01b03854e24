"""Keras on JAX, whatever the machine's own settings, and without writing to its home."""

import atexit
import os
import shutil
import tempfile

# Keras reads both when it is imported, so they are set before any test module is.
os.environ["KERAS_BACKEND"] = "jax"
if "KERAS_HOME" not in os.environ:
    os.environ["KERAS_HOME"] = tempfile.mkdtemp(prefix="keras-home-")
    atexit.register(shutil.rmtree, os.environ["KERAS_HOME"], ignore_errors=True)
