"""Errors for other formats than `.keras`, with advice on how to convert them."""

from pathlib import Path

from hoiquy.errors import InputError

_HDF5 = b"\x89HDF\r\n\x1a\n"
_REBUILD = "in the program that built the model"


def keras_file_error(path: Path, content: bytes) -> InputError:
    """Return the error for a file that is not a zip archive; content: its bytes."""
    if content.startswith(_HDF5):
        return _hdf5(path, content)
    if path.suffix == ".index" or path.name == "checkpoint" or ".data-" in path.name:
        weights = _text(path.with_suffix(""))
        if path.name == "checkpoint":
            weights = f"tf.train.latest_checkpoint({_text(path.parent)})"
        return InputError(
            f"{path} belongs to a TensorFlow checkpoint, which holds weights only: {_REBUILD} "
            f"with Keras 2, call model.load_weights({weights}) and then model.save('model.keras')"
        )
    return InputError(
        f"{path} is not a .keras file, which is a zip archive: save it with Keras 3 (or Keras 2.12 "
        f"and later), model.save('model.keras')"
    )


def keras_folder_error(path: Path) -> InputError:
    """Return the error for a folder."""
    if (path / "saved_model.pb").exists() and (path / "keras_metadata.pb").exists():
        return InputError(
            f"{path} is a SavedModel folder of Keras 2, which Keras 3 does not load: with "
            f"pip install tf_keras, call tf_keras.models.load_model({_text(path)})"
            f".save('model.keras')"
        )
    if (path / "saved_model.pb").exists():
        return InputError(
            f"{path} is an exported SavedModel folder, from which no Keras model can be loaded: "
            f"{_REBUILD}, call model.save('model.keras') instead of model.export(…)"
        )
    if (path / "config.json").exists() and (path / "model.weights.h5").exists():
        return InputError(
            f"{path} is a model saved with zipped=False: call "
            f"keras.saving.load_model({_text(path)}).save('model.keras')"
        )
    return InputError(f"{path} is a folder: expected a .keras file, from model.save('model.keras')")


def _hdf5(path: Path, content: bytes) -> InputError:
    """Whole models and weights have the same suffix; only models contain `model_config`."""
    if b"model_config" in content and not path.name.endswith(".weights.h5"):
        return InputError(
            f"{path} is a whole model in HDF5: call "
            f"keras.models.load_model({_text(path)}, compile=False).save('model.keras')"
        )
    return InputError(
        f"{path} holds weights only, not the layers: {_REBUILD}, call "
        f"model.load_weights({_text(path)}) and then model.save('model.keras')"
    )


def _text(path: Path) -> str:
    return repr(str(path))
