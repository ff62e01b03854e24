"""Keras on JAX, whatever the machine's own settings, and without writing to its home."""

import os
import tempfile

# Keras reads both when it is imported, so they are set before any test module is.
os.environ["KERAS_BACKEND"] = "jax"
os.environ["KERAS_HOME"] = tempfile.mkdtemp(prefix="keras-home-")
