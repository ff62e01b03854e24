"""The two members of a `.keras` file that make a model, read without Keras and without trust."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from hoiquy.errors import InputError
from hoiquy.regular_file import read_regular_file

_MOST_BYTES = 2**31  # of the file
_MOST_CONFIG = 2**22  # of config.json; the lab's have ten thousand


def read_keras_archive(path: Path) -> tuple[dict[str, Any], bytes]:
    """Return what config.json says and the bytes of model.weights.h5. Raises InputError."""
    try:
        content = read_regular_file(path, _MOST_BYTES)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    if not content.startswith(b"PK"):
        raise InputError(
            f"{path} is no .keras file, which is a zip archive: save it with Keras 3, "
            f"model.save('model.keras')"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            config = json.loads(_member(archive, "config.json", _MOST_CONFIG))
            weights = _member(archive, "model.weights.h5", len(content))
    except InputError:
        raise
    except KeyError as error:
        raise InputError(f"{path} is no .keras file: {error.args[0]}") from error
    except Exception as error:  # zipfile raises errors of any kind for damaged bytes
        reason = f"{type(error).__name__}: {error}"
        raise InputError(f"{path} is damaged ({reason[:200]}): save the model again") from error
    if not isinstance(config, dict):
        raise InputError(f"{path} is damaged: config.json is no JSON object")
    return config, weights


def _member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """One member, which must not have more bytes than `most`, packed or not."""
    member = archive.getinfo(name)
    if member.file_size > most or member.compress_type not in (
        zipfile.ZIP_STORED,
        zipfile.ZIP_DEFLATED,
    ):
        raise ValueError(f"{name} claims {member.file_size:,} bytes, expected at most {most:,}")
    return archive.read(member)
