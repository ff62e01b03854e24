"""Weights files in Keras 3's layout: model.weights.h5."""

import io
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.interop.keras.hdf5_file import Hdf5File
from hoiquy.keras.errors import KerasError
from hoiquy.keras.layers.weights import Variable
from hoiquy.keras.saving.older_optimizer import of_older_optimizer
from hoiquy.keras.saving.optimizer_state import (
    count_matches,
    optimizer_arrays,
    optimizer_shapes,
    restore_optimizer,
)
from hoiquy.keras.saving.weight_tree import WeightGroup, weight_groups

_OLD_FOLDER = "_layer_checkpoint_dependencies"  # of Keras 2.12 to 2.15
_OPTIMIZER = "optimizer"
TOKEN_WEIGHTS = "idf_weights"

Assignments = list[tuple[Variable, NDArray[Any]]]


def weights_bytes(model: Any, include_optimizer: bool = True) -> bytes:
    """The bytes of a weights file, with the optimizer's state if the model is compiled."""
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for group in weight_groups(model):
            values = [np.ascontiguousarray(one.value) for one in group.variables]
            place = f"{group.path}/vars".lstrip("/")
            _write(file, place, group.name, values)
            if group.vocabulary is not None and group.vocabulary.weights is not None:
                file[place].create_dataset(TOKEN_WEIGHTS, data=group.vocabulary.weights)
        if include_optimizer and model.compiled:
            name, arrays = model.optimizer.name, optimizer_arrays(model)
            _write(file, f"{_OPTIMIZER}/vars", name, arrays)
    return buffer.getvalue()


def _write(file: Any, path: str, name: str, arrays: Sequence[NDArray[Any]]) -> None:
    group = file.create_group(path)
    group.attrs["name"] = name
    for number, array in enumerate(arrays):
        group.create_dataset(str(number), data=array)


def load_tree(model: Any, file: Hdf5File, skip_mismatch: bool = False) -> None:
    """Replace the model's arrays by those of a file in Keras 3's layout, all or none.

    Args:
        model: Built.
        file: Of a model with the same layers.
        skip_mismatch: Whether to leave out arrays that do not fit, with a warning.

    Raises:
        KerasError: Arrays are missing, too many, or of other shapes.
        InputError: The file is damaged.
    """
    assignments: Assignments = []
    known = set()
    old = file.has_group(_OLD_FOLDER) and not file.has_group("layers")
    for group in weight_groups(model):
        known.add(group.path)
        if group.vocabulary is not None:
            continue
        path = group.path.replace("layers", _OLD_FOLDER) if old else group.path
        try:
            assignments += _assignments(group, path, file)
        except KerasError as error:
            if not skip_mismatch:
                raise
            warnings.warn(f"{error}; they are not loaded", stacklevel=4)
    if not skip_mismatch and not old:
        _refuse_unknown_layers(file, known)
    for variable, array in assignments:
        variable.assign(array)
    load_token_weights(model, file)


def load_token_weights(model: Any, file: Hdf5File) -> None:
    """Replace the weights of tokens (tf_idf) of the layers whose vocabulary has as many."""
    for group in weight_groups(model):
        place = f"{group.path}/vars"
        if group.vocabulary is not None and TOKEN_WEIGHTS in file.names(place):
            weights = file.array(place, TOKEN_WEIGHTS).astype(np.float32)
            if len(weights) == group.vocabulary.depth():
                group.vocabulary.weights = weights


def _assignments(group: WeightGroup, path: str, file: Hdf5File) -> Assignments:
    """The arrays of one group, checked."""
    place = f"{path}/vars".lstrip("/")
    names = file.names(place)
    if not names and group.variables:
        parent, _, last = path.rpartition("/")
        private = f"{parent}/_{last}/vars"  # of tf_keras, in MultiHeadAttention
        place = private if file.names(private) else place
        names = file.names(place)
    if len(names) != len(group.variables):
        raise KerasError(
            f"{file.source} has {len(names)} arrays at {place} for {group.name}, expected "
            f"{len(group.variables)}: it belongs to a model of other layers"
        )
    found: Assignments = []
    for number, variable in enumerate(group.variables):
        array = file.array(place, str(number), shape=variable.shape)
        found.append((variable, array))
    return found


def _refuse_unknown_layers(file: Hdf5File, known: set[str]) -> None:
    for name in file.names("layers"):
        path = f"layers/{name}"
        if path not in known and file.names(f"{path}/vars"):
            raise KerasError(f"{file.source} has arrays of a layer {name}, which the model lacks")


def load_optimizer(model: Any, file: Hdf5File, is_of_keras_2: bool = False) -> None:
    """Restore the state of the model's optimizer, if the file has one of this kind."""
    path = f"{_OPTIMIZER}/vars"
    names = file.names(path)
    if names and is_of_keras_2 and model.compiled:
        stored = [file.array(path, str(i)) for i in range(len(names))]
        older = of_older_optimizer(model, ["iteration", *names[1:]], stored)
        if older is not None:
            restore_optimizer(model, older)
            return
    if not names or not model.compiled or not count_matches(model, len(names), file.source):
        return
    shapes = optimizer_shapes(model)[: len(names)]
    arrays = [file.array(path, str(i), shape=shape) for i, shape in enumerate(shapes)]
    restore_optimizer(model, arrays)
