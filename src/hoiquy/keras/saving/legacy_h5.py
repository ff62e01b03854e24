"""HDF5 files in the layout of Keras 1 and 2, which Keras 3 reads and writes, too."""

import io
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from hoiquy.interop.keras.hdf5_file import Hdf5File, as_damaged, open_hdf5
from hoiquy.keras.errors import KerasError
from hoiquy.keras.layers.weights import Variable
from hoiquy.keras.saving.compile_config import compile_from_config, legacy_training_config
from hoiquy.keras.saving.masks import with_room_for_masks
from hoiquy.keras.saving.models import model_from
from hoiquy.keras.saving.older_configs import of_older_keras
from hoiquy.keras.saving.older_optimizer import of_older_optimizer
from hoiquy.keras.saving.older_weights import converted
from hoiquy.keras.saving.optimizer_state import (
    count_matches,
    optimizer_arrays,
    optimizer_shapes,
    restore_optimizer,
)
from hoiquy.keras.saving.vocabularies import refuse_vocabularies

_MOST_CONFIG = 2**24
_VERSION = "3.15.1"
_MODEL = "model_weights"
_OPTIMIZER = "optimizer_weights"
_MOST_ATTRIBUTE = 60_000  # bytes: HDF5 stores no larger ones


def legacy_bytes(model: Any, include_optimizer: bool = True) -> bytes:
    """The bytes of a whole model."""
    import h5py

    from hoiquy.keras.models.configuration import serialized_layer

    refuse_vocabularies(model)
    config = with_room_for_masks(serialized_layer(model))
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", track_order=False) as file:
        file.attrs["keras_version"], file.attrs["backend"] = _VERSION, "jax"
        whole = {"class_name": config["class_name"], "config": config["config"]}
        file.attrs["model_config"] = json.dumps(whole)
        training = legacy_training_config(model) if include_optimizer else None
        if training is not None:
            file.attrs["training_config"] = json.dumps(training)
        _write_layers(file.create_group(_MODEL), model)
        if training is not None:
            _write_optimizer(file, model)
    return buffer.getvalue()


def legacy_weights_bytes(model: Any) -> bytes:
    """The bytes of the weights alone."""
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        _write_layers(file, model)
    return buffer.getvalue()


def _write_layers(group: Any, model: Any) -> None:
    group.attrs["backend"], group.attrs["keras_version"] = "jax", _VERSION
    _write_names(group, "layer_names", [layer.name for layer in model.layers])
    for layer in sorted(model.layers, key=lambda one: str(one.name)):
        part = group.create_group(layer.name)
        variables = _in_order(layer)
        names = _unique([variable.path for variable in variables])
        _write_names(part, "weight_names", names)
        for name, variable in zip(names, variables, strict=True):
            part.create_dataset(name, data=np.ascontiguousarray(variable.value))
    _write_names(group.create_group("top_level_model_weights"), "weight_names", [])


def _write_optimizer(file: Any, model: Any) -> None:
    arrays = optimizer_arrays(model)
    group = file.create_group(_OPTIMIZER)
    names = [f"{model.optimizer.name}/variable_{i}" for i in range(len(arrays))]
    _write_names(group, "weight_names", names)
    for name, array in zip(names, arrays, strict=True):
        group.create_dataset(name, data=array)


def _write_names(group: Any, attribute: str, names: list[str]) -> None:
    """Names as an attribute, or in parts where they are too large for one."""
    encoded = np.array([name.encode() for name in names], dtype="S")
    if encoded.nbytes <= _MOST_ATTRIBUTE:
        group.attrs[attribute] = encoded if names else np.array([], "S1")
        return
    parts = -(-encoded.nbytes // _MOST_ATTRIBUTE)
    for number, part in enumerate(np.array_split(encoded, parts)):
        group.attrs[f"{attribute}{number}"] = part


def load_legacy(content: bytes, path: Path, compile: bool = True) -> Any:
    """The model of a file, with its weights, and compiled as it was.

    Raises:
        InputError: The file is damaged.
        KerasError: It holds weights only, or does not fit together.
        NotSupportedError: It holds a layer that is not supported.
    """
    source = str(path)
    with open_hdf5(content, source) as file, as_damaged(source):
        text = file.text("", "model_config", _MOST_CONFIG)
        if text is None:
            raise KerasError(
                f"{source} holds weights only, not the layers: build the model as when it was "
                f"saved, then call model.load_weights({source!r})"
            )
        config = _parsed(text, source)
        if is_older(file, "") and isinstance(config, dict):
            config = of_older_keras(config)
        model = model_from(config, source, len(content))
        load_legacy_weights(model, file, _MODEL)
        training = file.text("", "training_config", _MOST_CONFIG) if compile else None
        if training is not None:
            compile_from_config(model, _parsed(training, source), source)
            _load_optimizer(model, file)
    return model


def load_legacy_weights(
    model: Any, file: Hdf5File, group: str, by_name: bool = False, skip_mismatch: bool = False
) -> None:
    """Replace the model's weights, all or none.

    Args:
        model: Built.
        file: The file.
        group: Where in the file the layers are.
        by_name: Whether layers are found by their names, and others stay; else by their order.
        skip_mismatch: Whether to leave out layers that do not fit, with a warning.

    Raises:
        KerasError: Layers or arrays do not fit the model.
        InputError: The file is damaged.
    """
    own = [layer for layer in model.layers if layer.weights]
    stored = [
        (name, names)
        for name in file.listed_names(group, "layer_names")
        if (names := file.listed_names(f"{group}/{name}", "weight_names"))
    ]
    if by_name:
        by_names = {layer.name: layer for layer in own}
        pairs = [(by_names[name], name, names) for name, names in stored if name in by_names]
    elif len(stored) != len(own):
        raise KerasError(
            f"{file.source} has weights of {len(stored)} layers, the model has {len(own)} with "
            f"weights: {', '.join(layer.name for layer in own)}"
        )
    else:
        pairs = [(layer, *entry) for layer, entry in zip(own, stored, strict=True)]
    assignments = []
    older = is_older(file, group)
    for layer, name, names in pairs:
        try:
            assignments += _checked(layer, file, f"{group}/{name}", names, older)
        except KerasError as error:
            if not skip_mismatch:
                raise
            warnings.warn(f"{error}; they are not loaded", stacklevel=4)
    for variable, array in assignments:
        variable.assign(array)


def is_older(file: Hdf5File, group: str) -> bool:
    """Whether Keras 1 or 2 wrote the file, whose root or group of weights has the version."""
    version = file.text(group, "keras_version", _MOST_CONFIG) or ""
    version = version or file.text("", "keras_version", _MOST_CONFIG) or "1"
    return version.partition(".")[0] in ("0", "1", "2")


def _checked(
    layer: Any, file: Hdf5File, place: str, names: list[str], older: bool
) -> list[tuple[Variable, Any]]:
    """The arrays of a layer. Raises KerasError where they do not fit."""
    variables = _in_order(layer)
    arrays = converted(layer, [file.array(place, name) for name in names], older)
    if len(arrays) != len(variables):
        raise KerasError(
            f"{file.source} has {len(arrays)} arrays for {layer.name}, expected {len(variables)}: "
            f"{', '.join(f'{one.path} {one.shape}' for one in variables)}"
        )
    for variable, array, name in zip(variables, arrays, names, strict=False):
        if array.shape != variable.shape:
            raise KerasError(
                f"{file.source}: {place}/{name} has the shape {array.shape}, expected "
                f"{variable.shape}"
            )
    return list(zip(variables, arrays, strict=True))


def _in_order(layer: Any) -> list[Variable]:
    """The trained arrays, then the others."""
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _load_optimizer(model: Any, file: Hdf5File) -> None:
    names = file.listed_names(_OPTIMIZER, "weight_names")
    if names and is_older(file, ""):
        stored = [file.array(_OPTIMIZER, name) for name in names]
        older = of_older_optimizer(model, names, stored)
        if older is not None:
            restore_optimizer(model, older)
            return
    if not names or not count_matches(model, len(names), file.source):
        return
    shapes = optimizer_shapes(model)[: len(names)]
    arrays = [
        file.array(_OPTIMIZER, name, shape=shape)
        for name, shape in zip(names, shapes, strict=False)
    ]
    restore_optimizer(model, arrays)


def _parsed(text: str, source: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise KerasError(f"{source} is damaged: its configuration is not JSON") from error


def _unique(names: list[str]) -> list[str]:
    return [name if names.index(name) == i else f"{name}_{i}" for i, name in enumerate(names)]
