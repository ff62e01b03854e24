"""A trained model as the bytes of a `.keras` file, and what such a file answers."""

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

_ROWS = 64  # of every batch that Keras gets: JAX compiles once for each shape


def keras_file(model: Model, recipe: Recipe, *, vocabulary_size: int, classes: int) -> bytes:
    """The file's bytes; Keras' own layers and operations only, so that it opens without hoiquy.

    An embedding has its full height: the rows that no index reaches are zeros. Raises
    MissingExtraError without Keras, WriteError where there is no room for a temporary file.
    """
    network = build_keras_model(recipe, vocabulary_size=vocabulary_size, classes=classes)
    parameters = model.parameters
    for layer in model.layers:
        if isinstance(layer, Embedding):
            name = f"{layer.name}/embeddings"
            dead = layer.full_rows - len(parameters[name])
            parameters[name] = np.pad(parameters[name], ((0, dead), (0, 0)))
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
    """Load a file as anybody would, in Keras' safe mode: indices (batch, time) → (batch, classes).

    Batches are filled up to one number of rows; no row of a network minds the others.
    """
    keras = load_keras()
    with tempfile.TemporaryDirectory(prefix="hoiquy-keras-") as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(content)
        network = keras.saving.load_model(path, safe_mode=True)

    def probabilities(indices: Indices) -> Array:
        filled = np.zeros((_ROWS, indices.shape[1]), np.int32)
        filled[: len(indices)] = indices
        return np.array(network.predict_on_batch(filled)[: len(indices)])

    return probabilities
