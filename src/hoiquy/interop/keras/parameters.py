"""Copy weights to and from Keras, under hoiquy's names `layer/parameter`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from hoiquy.errors import ShapeError
from hoiquy.interop.keras.backend import load_keras
from hoiquy.nn.kernels import Array
from hoiquy.recipe.layer_sizes import embedding_rows
from hoiquy.recipe.recipe import Recipe
from hoiquy.training.model_building import layer_names

if TYPE_CHECKING:
    import keras

_PARAMETERS = ("embeddings", "kernel", "recurrent_kernel", "bias")


def set_keras_parameters(keras_model: "keras.Model", parameters: dict[str, Array]) -> None:
    """Copy parameters, named as in `hoiquy.nn.model.Model`, into a Keras model.

    `embeddings` may have fewer rows than Keras': the other rows, which no index reaches, are kept.
    Raises ShapeError, before any change, if the names or a shape do not match.
    """
    variables = _variables(keras_model)
    if parameters.keys() != variables.keys():
        odd = ", ".join(sorted(parameters.keys() ^ variables.keys()))
        raise ShapeError(f"Keras model {keras_model.name}: only one side has the parameters {odd}")
    for name, variable in variables.items():
        given, expected = parameters[name].shape, tuple(variable.shape)
        fits = given == expected
        if name.endswith("/embeddings"):
            fits = len(given) == 2 and given[0] <= expected[0] and given[1] == expected[1]
        if not fits:
            raise ShapeError(f"{name}: shape {given} does not fit Keras' {expected}")
    for name, variable in variables.items():
        # A copy: JAX may keep using this memory, and hoiquy trains in place.
        value = np.array(parameters[name])
        if value.shape != tuple(variable.shape):
            value = np.concatenate([value, _to_numpy(variable)[len(value) :]])
        variable.assign(value)


def get_keras_parameters(
    keras_model: "keras.Model", recipe: Recipe, *, vocabulary_size: int
) -> dict[str, Array]:
    """Return copies of a Keras model's weights under hoiquy's names.

    Of an embedding only the reachable rows are returned. Raises ShapeError if the model does not
    have the recipe's layers or the vocabulary's number of embedding rows.
    """
    variables = _variables(keras_model)
    tables = dict(zip(layer_names(recipe), recipe.model.layers, strict=True))
    expected = {name for name, table in tables.items() if table.type not in ("dropout", "pooling")}
    found = {name.partition("/")[0] for name in variables}
    if found != expected:
        raise ShapeError(
            f"Keras model {keras_model.name} has the layers {', '.join(sorted(found))}; "
            f"recipe {recipe.name} has {', '.join(sorted(expected))}"
        )
    parameters = {name: _to_numpy(variable) for name, variable in variables.items()}
    for name, table in tables.items():
        if table.type == "embedding":
            key = f"{name}/embeddings"
            rows, reachable = embedding_rows(recipe, table, vocabulary_size)
            if len(parameters[key]) != rows:
                raise ShapeError(f"{key}: {len(parameters[key])} rows in Keras, expected {rows}")
            parameters[key] = parameters[key][:reachable].copy()
    return parameters


def _variables(keras_model: "keras.Model") -> dict[str, Any]:
    """Return Keras' variables by hoiquy's names, first layer to last."""
    return {
        prefix + key: variable
        for layer in keras_model.layers
        for prefix, owner in _owners(layer)
        for key in _PARAMETERS
        if (variable := getattr(owner, key, None)) is not None
    }


def _owners(layer: Any) -> Iterator[tuple[str, Any]]:
    """Yield the objects that hold a layer's variables: its cells, or itself."""
    if hasattr(layer, "forward_layer"):
        yield f"{layer.name}/forward/", layer.forward_layer.cell
        yield f"{layer.name}/backward/", layer.backward_layer.cell
    else:
        yield f"{layer.name}/", getattr(layer, "cell", layer)


def _to_numpy(variable: Any) -> Array:
    # `.value`: NumPy 2 warns about converting a Keras variable itself.
    copy: Array = np.array(load_keras().ops.convert_to_numpy(variable.value))
    return copy
