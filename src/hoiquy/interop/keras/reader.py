"""A `.keras` file as a recipe and parameters, read without Keras: nothing in it is ever run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hoiquy.errors import InputError
from hoiquy.interop.keras.archive import read_keras_archive
from hoiquy.interop.keras.hdf5_weights import Hdf5Weights, open_weights
from hoiquy.interop.keras.layer import KerasLayer
from hoiquy.interop.keras.layer_chain import Line, read_line
from hoiquy.interop.keras.layer_tables import layer_table
from hoiquy.interop.keras.output import joined_activation, output_of_each_class
from hoiquy.interop.keras.text_layer import TextLayer, read_text_layer
from hoiquy.nn.kernels import Array

_GATES = {"simple_rnn": 1, "lstm": 4, "gru": 3}
_RECURRENT = ("kernel", "recurrent_kernel", "bias")


@dataclass(frozen=True)
class KerasNetwork:
    """What was read. The last table is dense with an output, sigmoid or softmax, for each class.

    tables: of the layers, for a recipe. weights: by layer, in order; an embedding with all rows.
    max_length: None where the model takes any. note: how the output layer was rewritten, or "".
    notes: what is not kept, since it only matters in training. text_layer: None unless the model
    takes texts. zero_at_end: the layer whose output is 0 if its last step is masked, or "".
    """

    tables: list[dict[str, Any]]
    weights: list[dict[str, Array]]
    reads: str
    max_length: int | None
    classes: int
    note: str
    notes: tuple[str, ...] = ()
    text_layer: TextLayer | None = None
    zero_at_end: str = ""

    @property
    def masked(self) -> bool:
        """True if padding does not count."""
        return bool(self.tables[0].get("mask_zero"))

    @property
    def rows(self) -> int | None:
        """The height of the embedding, if there is one."""
        first = self.weights[0].get("embeddings")
        return None if first is None else len(first)


def read_keras(path: Path) -> KerasNetwork:
    """Read a model. Raises InputError, one line, and MissingExtraError without h5py."""
    source = str(path)
    config, content, vocabulary = read_keras_archive(path)
    line = read_line(config, source)
    text_layer = None
    if line.text_layer is not None:
        text_layer = read_text_layer(line.text_layer, vocabulary, source)
        line.input_shape = (text_layer.max_length,)
    line.layers = joined_activation(line.layers, source)
    layers, tables = _kept_layers(line, source)
    if not tables or tables[-1]["type"] != "dense":
        raise InputError(f"{source}: the last layer must be a Dense one, with an output a class")
    max_length = line.input_shape[0] if line.input_shape else None
    if max_length is not None and (type(max_length) is not int or max_length < 1):
        raise InputError(f"{source}: an input of {max_length!r} indices, expected 1 or more")
    reads = _reads(line, tables, source)
    _check_masks(line, tables, source)
    with open_weights(content, source) as file:
        weights = _read_weights(file, layers, tables, source)
    compiled = config.get("compile_config")
    classes, note = output_of_each_class(tables[-1], weights[-1], compiled, source)
    return KerasNetwork(
        tables, weights, reads, max_length, classes, note, tuple(line.notes), text_layer,
        _zero_at_end(layers, tables),
    )  # fmt: skip


def _kept_layers(line: Line, source: str) -> tuple[list[KerasLayer], list[dict[str, Any]]]:
    """The layers that compute something in prediction, and their tables."""
    layers, tables = [], []
    for layer in line.layers:
        table = layer_table(layer, source, line.notes)
        if table is not None:
            layers.append(layer)
            tables.append(table)
    return layers, tables


def _zero_at_end(layers: list[KerasLayer], tables: list[dict[str, Any]]) -> str:
    """The layer whose output is zero in Keras where its last step is masked; in hoiquy it is not.

    Between other layers that setting has no effect, since nothing reads what a masked step gives;
    and Keras' Bidirectional replaces the setting of its layers by `return_sequences`.
    """
    if not tables[0].get("mask_zero"):
        return ""
    for layer, table in zip(layers, tables, strict=True):
        if layer.config.get("zero_output_for_mask") and not table.get("return_sequences"):
            return layer.name
    return ""


def _reads(line: Line, tables: list[dict[str, Any]], source: str) -> str:
    """What the first layer reads: `model.input` of the recipe."""
    embedded = tables[0]["type"] == "embedding"
    as_values = line.makes_values or (len(line.input_shape) == 2 and line.input_shape[1] == 1)
    if embedded == as_values or (line.makes_values and len(line.input_shape) != 1):
        raise InputError(
            f"{source}: an input of the shape {line.input_shape} and a first layer "
            f"{tables[0]['type']}: expected (time,) and an embedding, or (time, 1) without one"
        )
    return "indices" if embedded else "values"


def _check_masks(line: Line, tables: list[dict[str, Any]], source: str) -> None:
    """Refuse what means something else in Keras where steps are masked."""
    masked = bool(tables[0].get("mask_zero"))
    if (line.uses_mask or line.maximum_minds_mask) and not masked:
        raise InputError(f"{source}: a mask, but no embedding with mask_zero")
    maximum = any(table.get("over_time") == "max" for table in tables)
    if maximum and masked and not line.maximum_minds_mask:
        raise InputError(
            f"{source}: GlobalMaxPooling1D after mask_zero also sees masked steps in Keras; in "
            f"hoiquy they do not count: hide them with keras.ops.where, or leave mask_zero out"
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
                    f"but its config asks for {shape}"
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
    """The shapes that a layer's arrays must have after `features` features."""
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
