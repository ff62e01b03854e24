"""Models as `.keras` files: a zip archive of config.json, metadata.json and model.weights.h5."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from hoiquy.interop.keras.archive import KerasArchive, read_keras_archive
from hoiquy.interop.keras.hdf5_file import Hdf5File, as_damaged, open_hdf5
from hoiquy.keras.saving.compile_config import compile_config, compile_from_config
from hoiquy.keras.saving.masks import with_room_for_masks
from hoiquy.keras.saving.models import model_from
from hoiquy.keras.saving.older_weights import convert
from hoiquy.keras.saving.vocabularies import load_vocabularies, vocabulary_files
from hoiquy.keras.saving.weights_file import load_optimizer, load_tree, weights_bytes

_VERSION = "3.15.1"  # of the Keras whose format this is
_WRITTEN = (1980, 1, 1, 0, 0, 0)  # the same model gives the same bytes


def archive_bytes(model: Any, include_optimizer: bool = True) -> bytes:
    """The bytes of a `.keras` file, which real Keras 3 loads."""
    from hoiquy.keras.models.configuration import serialized_layer

    config = with_room_for_masks(serialized_layer(model))
    compiled = compile_config(model) if include_optimizer else None
    if compiled is not None:
        config["compile_config"] = compiled
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in (
            ("metadata.json", json.dumps({"keras_version": _VERSION}).encode()),
            ("config.json", json.dumps(config).encode()),
            ("model.weights.h5", weights_bytes(model, include_optimizer)),
        ):
            archive.writestr(zipfile.ZipInfo(name, _WRITTEN), content)
        for folder, lines in vocabulary_files(model):
            place = f"assets/{folder}/vocabulary.txt"
            archive.writestr(zipfile.ZipInfo(place, _WRITTEN), lines)
    return buffer.getvalue()


def load_archive(path: Path, compile: bool = True) -> Any:
    """The model of a `.keras` file, with its weights, and compiled as it was.

    Raises:
        InputError: The file is missing, damaged, or another kind of file.
        KerasError: It does not fit together.
        NotSupportedError: It holds a layer that is not supported.
    """
    archive = read_keras_archive(path)
    source = str(path)
    model = model_from(archive.config, source, len(archive.weights))
    with open_hdf5(archive.weights, source) as file, as_damaged(source):
        load_vocabularies(model, file, archive.vocabularies)
        _load_tree(model, file, archive)
        compiled = archive.config.get("compile_config")
        if compile and compiled:
            compile_from_config(model, compiled, source)
            load_optimizer(model, file, archive.is_of_keras_2)
    return model


def load_archive_weights(model: Any, path: Path, skip_mismatch: bool = False) -> None:
    """Replace the model's weights by those of a `.keras` file. Raises InputError, KerasError."""
    archive = read_keras_archive(path)
    with open_hdf5(archive.weights, str(path)) as file, as_damaged(str(path)):
        _load_tree(model, file, archive, skip_mismatch)
        load_optimizer(model, file, archive.is_of_keras_2)


def _load_tree(
    model: Any, file: Hdf5File, archive: KerasArchive, skip_mismatch: bool = False
) -> None:
    load_tree(model, file, skip_mismatch)
    if archive.is_of_keras_2:
        convert(model)
