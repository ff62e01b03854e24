"""Read the members of an untrusted `.keras` file without Keras."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

from hoiquy.errors import InputError
from hoiquy.interop.keras.saving_advice import keras_file_error, keras_folder_error
from hoiquy.system.bounded_read import read_regular_file

_MOST_BYTES = 2**31  # of the file
_MOST_CONFIG = 2**24  # of config.json, which may contain a vocabulary
_MOST_VOCABULARY = 2**26  # bytes
_MOST_PACKED = 50  # times the size of the file: other tools than Keras compress the weights
_METADATA, _MOST_METADATA = "metadata.json", 2**16
_VOCABULARY = "assets/layers/text_vectorization/vocabulary.txt"
_ASSETS, _FILE = "assets/", "/vocabulary.txt"
_INNER = "/_lookup_layer"  # where Keras writes the same vocabulary again


class KerasArchive(NamedTuple):
    """The parsed config.json, and the bytes of model.weights.h5 and of a TextVectorization layer's
    vocabulary file; vocabularies: the vocabulary files of all layers, by their folders below
    "assets"; is_of_keras_2: whether Keras 2 wrote the file."""

    config: dict[str, Any]
    weights: bytes
    vocabulary: bytes | None
    vocabularies: dict[str, bytes]
    is_of_keras_2: bool = False


def read_keras_archive(path: Path) -> KerasArchive:
    """Raises InputError, with advice on how to save a model that is in another format."""
    if path.is_dir():
        raise keras_folder_error(path)
    try:
        content = read_regular_file(path, _MOST_BYTES)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    if not content.startswith(b"PK"):
        raise keras_file_error(path, content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            config = json.loads(_member(archive, "config.json", _MOST_CONFIG))
            weights = _member(archive, "model.weights.h5", _MOST_PACKED * len(content))
            has_vocabulary = _VOCABULARY in archive.namelist()
            vocabulary = _member(archive, _VOCABULARY, _MOST_VOCABULARY) if has_vocabulary else None
            is_of_keras_2 = _is_of_keras_2(archive)
            vocabularies = _vocabularies(archive)
    except InputError:
        raise
    except KeyError as error:
        raise InputError(f"{path} is not a .keras file: {error.args[0]}") from error
    except Exception as error:  # zipfile raises errors of any kind for damaged bytes
        reason = f"{type(error).__name__}: {error}"
        raise InputError(f"{path} is damaged ({reason[:200]}): save the model again") from error
    if not isinstance(config, dict):
        raise InputError(f"{path} is damaged: config.json is not a JSON object")
    return KerasArchive(config, weights, vocabulary, vocabularies, is_of_keras_2)


def _is_of_keras_2(archive: zipfile.ZipFile) -> bool:
    if _METADATA not in archive.namelist():
        return False
    metadata = json.loads(_member(archive, _METADATA, _MOST_METADATA))
    version = metadata.get("keras_version") if isinstance(metadata, dict) else None
    return str(version).startswith("2.")


def _vocabularies(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """The vocabulary files by their folders, such as "layers/string_lookup"."""
    found, left = {}, _MOST_VOCABULARY
    for name in archive.namelist():
        folder = name.removeprefix(_ASSETS).removesuffix(_FILE)
        if name == f"{_ASSETS}{folder}{_FILE}" and not folder.endswith(_INNER):
            found[folder] = _member(archive, name, left)
            left -= len(found[folder])
    return found


def _member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Return one member. Raises ValueError if it claims more than `most` bytes."""
    member = archive.getinfo(name)
    if member.file_size > most or member.compress_type not in (
        zipfile.ZIP_STORED,
        zipfile.ZIP_DEFLATED,
    ):
        raise ValueError(f"{name} claims {member.file_size:,} bytes, expected at most {most:,}")
    return archive.read(member)
