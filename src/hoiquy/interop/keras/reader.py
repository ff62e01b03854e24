"""Read a `.keras` file as layers of a recipe and weights, without Keras or running its code."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hoiquy.errors import InputError
from hoiquy.interop.keras.archive import read_keras_archive
from hoiquy.interop.keras.hdf5_weights import Hdf5Weights, open_weights
from hoiquy.interop.keras.layer import KerasLayer
from hoiquy.interop.keras.layer_chain import LayerChain, read_layer_chain
from hoiquy.interop.keras.layer_tables import layer_table
from hoiquy.interop.keras.output import merge_activation, one_output_per_class
from hoiquy.interop.keras.text_layer import TextLayer, read_text_layer
from hoiquy.nn.kernels import Array

_GATES = {"simple_rnn": 1, "lstm": 4, "gru": 3}
_RECURRENT = ("kernel", "recurrent_kernel", "bias")


@dataclass(frozen=True)
class KerasNetwork:
    """A Keras network converted to a recipe's layers; the last one has one output per class.

    Attributes:
        tables: The layers as tables of a recipe.
        weights: Arrays by name for each layer; an embedding has all its rows.
        input: "indices" or "values": `model.input` of the recipe.
        max_length: None if the model takes any length.
        classes: Number of classes.
        output_note: How the output layer was converted, or "".
        notes: Settings that were not imported because they matter only in training.
        text_layer: The TextVectorization layer, if there is one.
        zero_at_end: The layer whose output is 0 if its last step is masked, or "".
    """

    tables: list[dict[str, Any]]
    weights: list[dict[str, Array]]
    input: str
    max_length: int | None
    classes: int
    output_note: str
    notes: tuple[str, ...] = ()
    text_layer: TextLayer | None = None
    zero_at_end: str = ""

    @property
    def masked(self) -> bool:
        """Whether padding is masked."""
        return bool(self.tables[0].get("mask_zero"))

    @property
    def rows(self) -> int | None:
        """Number of rows of the embedding, if there is one."""
        first = self.weights[0].get("embeddings")
        return None if first is None else len(first)


def read_keras(path: Path) -> KerasNetwork:
    """Read a model. Raises InputError."""
    source = str(path)
    archive = read_keras_archive(path)
    chain = read_layer_chain(archive.config, source)
    text_layer = None
    if chain.text_layer is not None:
        text_layer = read_text_layer(chain.text_layer, archive.vocabulary, source)
        chain.input_shape = (text_layer.max_length,)
    chain.layers = merge_activation(chain.layers, source)
    layers, tables = _kept_layers(chain, source)
    if not tables or tables[-1]["type"] != "dense":
        raise InputError(f"{source}: the last layer must be a Dense one with one output per class")
    max_length = chain.input_shape[0] if chain.input_shape else None
    if max_length is not None and (type(max_length) is not int or max_length < 1):
        raise InputError(f"{source}: an input of {max_length!r} indices, expected 1 or more")
    input_kind = _input_kind(chain, tables, source)
    _check_masks(chain, tables, source)
    with open_weights(archive.weights, source) as file:
        weights = _read_weights(file, layers, tables, source)
    compiled = archive.config.get("compile_config")
    classes, note = one_output_per_class(tables[-1], weights[-1], compiled, source)
    return KerasNetwork(
        tables, weights, input_kind, max_length, classes, note, tuple(chain.notes), text_layer,
        _zero_at_end(layers, tables),
    )  # fmt: skip


def _kept_layers(chain: LayerChain, source: str) -> tuple[list[KerasLayer], list[dict[str, Any]]]:
    """Return the layers that have an effect in prediction, and their tables."""
    layers, tables = [], []
    for layer in chain.layers:
        table = layer_table(layer, source, chain.notes)
        if table is not None:
            layers.append(layer)
            tables.append(table)
    return layers, tables


def _zero_at_end(layers: list[KerasLayer], tables: list[dict[str, Any]]) -> str:
    """Return the layer whose output Keras sets to zero if its last step is masked, or "".

    For layers that return sequences the setting has no effect, because masked steps are not used.
    Keras' Bidirectional overrides the setting by `return_sequences`.
    """
    if not tables[0].get("mask_zero"):
        return ""
    for layer, table in zip(layers, tables, strict=True):
        if layer.config.get("zero_output_for_mask") and not table.get("return_sequences"):
            return layer.name
    return ""


def _input_kind(chain: LayerChain, tables: list[dict[str, Any]], source: str) -> str:
    """Return `model.input` of the recipe. Raises InputError."""
    embedded = tables[0]["type"] == "embedding"
    as_values = chain.input_as_values or (len(chain.input_shape) == 2 and chain.input_shape[1] == 1)
    if embedded == as_values or (chain.input_as_values and len(chain.input_shape) != 1):
        raise InputError(
            f"{source}: an input of the shape {chain.input_shape} and a first layer "
            f"{tables[0]['type']}: expected (time,) and an embedding, or (time, 1) without one"
        )
    return "indices" if embedded else "values"


def _check_masks(chain: LayerChain, tables: list[dict[str, Any]], source: str) -> None:
    """Raise InputError if Keras treats masked steps differently from hoiquy."""
    masked = bool(tables[0].get("mask_zero"))
    if (chain.uses_mask or chain.masks_maximum) and not masked:
        raise InputError(f"{source}: a mask, but no embedding with mask_zero")
    maximum = any(table.get("over_time") == "max" for table in tables)
    if maximum and masked and not chain.masks_maximum:
        raise InputError(
            f"{source}: GlobalMaxPooling1D after mask_zero includes masked steps in Keras, but not "
            f"in hoiquy: hide them with keras.ops.where, or drop mask_zero"
        )


def _read_weights(
    file: Hdf5Weights, layers: list[KerasLayer], tables: list[dict[str, Any]], source: str
) -> list[dict[str, Array]]:
    features, weights = 1, []
    for layer, table in zip(layers, tables, strict=True):
        arrays = _arrays(file, layer, table)
        for name, shape in _shapes(table, features).items():
            if arrays[name].shape != shape:
                raise InputError(
                    f"{source}: layer {layer.name}: {name} has the shape {arrays[name].shape}, "
                    f"but its config requires {shape}"
                )
        if arrays:
            both = 2 if table.get("bidirectional") else 1
            features = both * table["units"]
        weights.append(arrays)
    return weights


def _arrays(file: Hdf5Weights, layer: KerasLayer, table: dict[str, Any]) -> dict[str, Array]:
    if table["type"] in ("dropout", "pooling"):
        return {}
    if table["type"] == "embedding":
        return dict(file.arrays(layer.weights, ("embeddings",)))
    if table["type"] == "dense":
        return dict(file.arrays(layer.weights, ("kernel", "bias")))
    if not table.get("bidirectional"):
        return dict(file.arrays(f"{layer.weights}/cell", _RECURRENT))
    return {
        f"{side}/{name}": array
        for side in ("forward", "backward")
        for name, array in file.arrays(f"{layer.weights}/{side}_layer/cell", _RECURRENT).items()
    }


def _shapes(table: dict[str, Any], features: int) -> dict[str, tuple[int, ...]]:
    """Return the expected shapes of a layer's arrays for `features` inputs."""
    kind = table["type"]
    if kind in ("dropout", "pooling"):
        return {}
    units: int = table["units"]
    if kind == "embedding":
        return {"embeddings": (table["rows"], units)}
    if kind == "dense":
        return {"kernel": (features, units), "bias": (units,)}
    columns = _GATES[kind] * units
    bias = (2, columns) if kind == "gru" else (columns,)
    one: dict[str, tuple[int, ...]] = {
        "kernel": (features, columns),
        "recurrent_kernel": (units, columns),
        "bias": bias,
    }
    if not table.get("bidirectional"):
        return one
    return {f"{side}/{name}": s for side in ("forward", "backward") for name, s in one.items()}
