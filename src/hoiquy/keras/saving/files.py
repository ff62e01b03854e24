"""Saves and loads models and weights; the content tells which kind of file it is."""

from functools import cache
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from hoiquy.errors import InputError
from hoiquy.interop.keras.hdf5_file import as_damaged, open_hdf5
from hoiquy.interop.keras.saving_advice import keras_file_error, keras_folder_error
from hoiquy.keras.custom_objects import custom_object_scope
from hoiquy.keras.errors import AbsentFileError, KerasError, KerasTypeError, as_value_errors
from hoiquy.keras.messages import print_note
from hoiquy.keras.saving.archive import archive_bytes, load_archive, load_archive_weights
from hoiquy.keras.saving.latest import name_latest
from hoiquy.keras.saving.legacy_h5 import (
    legacy_bytes,
    legacy_weights_bytes,
    load_legacy,
    load_legacy_weights,
)
from hoiquy.keras.saving.weights_file import load_optimizer, load_tree, weights_bytes
from hoiquy.keras.usage import record_ignored, record_used
from hoiquy.system.atomic_write import make_folder, write_bytes
from hoiquy.system.bounded_read import read_regular_file

_HDF5, _ZIP = b"\x89HDF\r\n\x1a\n", b"PK"
_LEGACY = (".h5", ".hdf5", ".hdf")
_IN_FOLDER = "model.keras"  # of a model saved to a folder that exists, as TensorFlow does
_MOST_BYTES = 2**31
_IGNORED = {
    "signatures": "it only concerns TensorFlow",
    "options": "it only concerns TensorFlow",
    "save_traces": "it only concerns TensorFlow",
    "zipped": "files are zip archives",
    "max_shard_size": "there is one file",
    "safe_mode": "code in files never runs",
}


def save_model(
    model: Any, filepath: str | PathLike[str], overwrite: bool = True,
    include_optimizer: bool = True, save_format: str | None = None, **options: Any,
) -> None:  # fmt: skip
    """Write a model to a file, atomically; real Keras 3 loads it.

    Args:
        model: A built model.
        filepath: Ending .keras, or .h5 or .hdf5 for the layout of Keras 2; with another ending the
            file has the format of .keras. In a folder that exists the file is model.keras.
        overwrite: Whether an existing file is replaced.
        include_optimizer: Whether what `compile` was given, and the optimizer's state, are kept.
        save_format: "h5" for the layout of Keras 2, whatever the ending.
        **options: Other arguments of Keras, without effect.

    Raises:
        KerasError: The model is not built, or the file exists and overwrite is false.
        WriteError: The file cannot be written.
    """
    record_used("models.save_model")
    _ignore("save_model", options)
    path = _path(filepath)
    _ = model.graph
    if path.is_dir():
        path /= _IN_FOLDER
    if path.suffix in _LEGACY or save_format in ("h5", "hdf5"):
        content = legacy_bytes(model, include_optimizer)
    else:
        _note_other_ending(path, ".keras")
        content = archive_bytes(model, include_optimizer)
    _write(path, content, overwrite)


def load_model(
    filepath: str | PathLike[str], custom_objects: Any = None, compile: bool = True,
    safe_mode: bool = True, **options: Any,
) -> Any:  # fmt: skip
    """Read a model from a file of Keras 1, 2 or 3, or of this package.

    Args:
        filepath: A .keras or HDF5 file.
        custom_objects: Functions and classes of the script by name, with which names in the file
            are found; code in the file never runs.
        compile: Whether to compile the model as it was when it was saved.
        safe_mode: Has no effect: code in files never runs.
        **options: Other arguments of Keras, without effect.

    Raises:
        KerasError: The file is missing, damaged, not a model, or does not fit together.
        NotSupportedError: It holds a layer that is not supported.
    """
    record_used("models.load_model")
    _ignore("load_model", options)
    path = _path(filepath)
    if (path / _IN_FOLDER).is_file():
        path /= _IN_FOLDER
    with as_value_errors(), custom_object_scope(custom_objects):
        content = _content(path)
        if content.startswith(_HDF5):
            return load_legacy(content, path, compile)
        if content.startswith(_ZIP):
            return load_archive(path, compile)
        raise keras_file_error(path, content)


def save_weights(
    model: Any, filepath: str | PathLike[str], overwrite: bool = True,
    save_format: str | None = None, **options: Any,
) -> None:  # fmt: skip
    """Write the weights of a model to a file, atomically.

    Args:
        model: A built model.
        filepath: Ending .weights.h5, or .h5 or .hdf5 for the layout of Keras 2. With another ending
            the file has the format of .weights.h5, and a file named checkpoint beside it names it
            for `tf.train.latest_checkpoint`.
        overwrite: Whether an existing file is replaced.
        save_format: "h5" for the layout of Keras 2, whatever the ending.
        **options: Other arguments of Keras, without effect.

    Raises:
        KerasError: The model is not built, or the file exists and overwrite is false.
        WriteError: The file cannot be written.
    """
    record_used("Model.save_weights")
    _ignore("save_weights", options)
    path = _path(filepath)
    _ = model.graph
    is_new = path.name.endswith(".weights.h5")
    if not is_new and (path.suffix in _LEGACY or save_format in ("h5", "hdf5")):
        _write(path, legacy_weights_bytes(model), overwrite)
        return
    _note_other_ending(path, ".weights.h5")
    _write(path, weights_bytes(model), overwrite)
    if not is_new:
        name_latest(path)


def load_weights(
    model: Any, filepath: str | PathLike[str], by_name: bool = False,
    skip_mismatch: bool = False, **options: Any,
) -> None:  # fmt: skip
    """Read the weights of a model from a file of weights or of a whole model.

    Args:
        model: A built model.
        filepath: A .weights.h5, .h5, .hdf5 or .keras file.
        by_name: Whether layers are found by their names; only in the layout of Keras 2.
        skip_mismatch: Whether to leave out weights that do not fit, with a warning.
        **options: Other arguments of Keras, without effect.

    Raises:
        KerasError: The file is missing, damaged, or does not fit the model, which is unchanged.
    """
    record_used("Model.load_weights")
    _ignore("load_weights", options)
    path = _path(filepath)
    _ = model.graph
    if (path / _IN_FOLDER).is_file():
        path /= _IN_FOLDER
    with as_value_errors():
        content = _content(path)
        if content.startswith(_ZIP):
            load_archive_weights(model, path, skip_mismatch)
            return
        if not content.startswith(_HDF5):
            raise keras_file_error(path, content)
        source = str(path)
        with open_hdf5(content, source) as file, as_damaged(source):
            group = "model_weights" if file.has_group("model_weights") else ""
            if file.listed_names(group, "layer_names"):
                load_legacy_weights(model, file, group, by_name, skip_mismatch)
                return
            if by_name:
                raise KerasError(f"{path} is in the layout of Keras 3: by_name=True does not work")
            load_tree(model, file, skip_mismatch)
            load_optimizer(model, file)


def _content(path: Path) -> bytes:
    """The bytes of a file. Raises AbsentFileError and, with advice for folders, InputError."""
    if path.is_dir():
        raise keras_folder_error(path)
    try:
        return read_regular_file(path, _MOST_BYTES)
    except FileNotFoundError as error:
        index = path.with_name(f"{path.name}.index")
        if index.is_file():  # of a checkpoint of TensorFlow
            raise keras_file_error(index, b"") from error
        raise AbsentFileError(f"{path} does not exist") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error


def _path(filepath: Any) -> Path:
    try:
        path = fspath(filepath)
    except TypeError as error:
        kind = type(filepath).__name__
        raise KerasTypeError(f"filepath is {kind}, expected the path of a file") from error
    return Path(path if isinstance(path, str) else path.decode())


def _write(path: Path, content: bytes, overwrite: bool) -> None:
    if not overwrite and path.exists():
        raise KerasError(f"{path} exists: pass overwrite=True to replace it")
    make_folder(path.parent)
    write_bytes(path, content)


@cache
def _note_other_ending(path: Path, expected: str) -> None:
    """Say which format a file gets whose ending says none; once for a file, not in each epoch."""
    if not path.name.endswith(expected):
        print_note(f"{path} gets the format of {expected} files")


def _ignore(name: str, options: dict[str, Any]) -> None:
    for option, value in options.items():
        if option not in _IGNORED:
            raise KerasTypeError(f"{name} has no argument {option!r}")
        if value is not None:
            record_ignored(name, option, _IGNORED[option])
