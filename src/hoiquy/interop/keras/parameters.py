"""Weights to and from Keras, under hoiquy's names, `layer/parameter`."""

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

    `embeddings` may have fewer rows than Keras': the rows below, which no index reaches, keep the
    values they have. Raises ShapeError, before anything is changed, if the names are not exactly
    those of the Keras model or a shape does not fit.
    """
    variables = _variables(keras_model)
    if parameters.keys() != variables.keys():
        odd = ", ".join(sorted(parameters.keys() ^ variables.keys()))
        raise ShapeError(f"Keras model {keras_model.name}: only one side has the parameters {odd}")
    for name, variable in variables.items():
        given, there = parameters[name].shape, tuple(variable.shape)
        fits = given == there
        if name.endswith("/embeddings"):
            fits = len(given) == 2 and given[0] <= there[0] and given[1] == there[1]
        if not fits:
            raise ShapeError(f"{name}: shape {given} does not fit Keras' {there}")
    for name, variable in variables.items():
        # A copy: JAX may go on using the very memory it is given, and hoiquy trains in place.
        value = np.array(parameters[name])
        if value.shape != tuple(variable.shape):
            value = np.concatenate([value, _to_numpy(variable)[len(value) :]])
        variable.assign(value)


def get_keras_parameters(
    keras_model: "keras.Model", recipe: Recipe, *, vocabulary_size: int
) -> dict[str, Array]:
    """Return copies of a Keras model's weights, as `hoiquy.nn.model.Model.parameters` names them.

    Of an embedding only the rows that an index can reach come back. Raises ShapeError if the model
    does not have the layers of the recipe, or not the embedding rows of this vocabulary.
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
    """Keras' variables by hoiquy's names, first layer to last."""
    return {
        prefix + key: variable
        for layer in keras_model.layers
        for prefix, owner in _owners(layer)
        for key in _PARAMETERS
        if (variable := getattr(owner, key, None)) is not None
    }


def _owners(layer: Any) -> Iterator[tuple[str, Any]]:
    """The objects that hold a layer's variables: its cell, its two cells, or itself."""
    if hasattr(layer, "forward_layer"):
        yield f"{layer.name}/forward/", layer.forward_layer.cell
        yield f"{layer.name}/backward/", layer.backward_layer.cell
    else:
        yield f"{layer.name}/", getattr(layer, "cell", layer)


def _to_numpy(variable: Any) -> Array:
    """A copy that stays as it is when the variable changes."""
    # `.value`, because NumPy 2 warns about the conversion of a Keras variable itself
    copy: Array = np.array(load_keras().ops.convert_to_numpy(variable.value))
    return copy
