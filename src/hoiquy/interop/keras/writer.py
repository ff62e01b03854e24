"""Write a trained model as a `.keras` file, and run such a file."""

import tempfile
from pathlib import Path

import numpy as np

from hoiquy.errors import WriteError
from hoiquy.interop.keras.backend import load_keras
from hoiquy.interop.keras.model import build_keras_model
from hoiquy.interop.keras.parameters import set_keras_parameters
from hoiquy.interop.onnx.model import Probabilities
from hoiquy.nn.kernels import Array
from hoiquy.nn.layers import Embedding
from hoiquy.nn.model import Indices, Model
from hoiquy.recipe.recipe import Recipe

_ROWS = 64  # in every batch: JAX compiles once for each shape


def keras_file(model: Model, recipe: Recipe, *, vocabulary_size: int, classes: int) -> bytes:
    """Return the bytes of a `.keras` file, which opens without hoiquy.

    Unreachable embedding rows are zeros. Raises MissingExtraError without Keras, and WriteError if
    a temporary file cannot be written.
    """
    network = build_keras_model(recipe, vocabulary_size=vocabulary_size, classes=classes)
    parameters = model.parameters
    for layer in model.layers:
        if isinstance(layer, Embedding):
            name = f"{layer.name}/embeddings"
            unreachable = layer.input_dim - len(parameters[name])
            parameters[name] = np.pad(parameters[name], ((0, unreachable), (0, 0)))
    set_keras_parameters(network, parameters)
    try:
        with tempfile.TemporaryDirectory(prefix="hoiquy-keras-") as folder:
            path = Path(folder) / "model.keras"
            network.save(path)
            return path.read_bytes()
    except OSError as error:
        reason = error.strerror or error
        raise WriteError(f"cannot write Keras' temporary file: {reason}") from error


def keras_probabilities(content: bytes) -> Probabilities:
    """Load a `.keras` file in Keras' safe mode; return a function that predicts.

    It maps indices (batch, time) to probabilities (batch, classes). Batches are padded to a fixed
    number of rows, since rows are independent.
    """
    keras = load_keras()
    with tempfile.TemporaryDirectory(prefix="hoiquy-keras-") as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(content)
        network = keras.saving.load_model(path, safe_mode=True)

    def probabilities(indices: Indices) -> Array:
        padded = np.zeros((_ROWS, indices.shape[1]), np.int32)
        padded[: len(indices)] = indices
        return np.array(network.predict_on_batch(padded)[: len(indices)])

    return probabilities
