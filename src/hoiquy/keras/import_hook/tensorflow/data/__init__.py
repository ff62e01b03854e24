"""Data sets, as `tensorflow.data`."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hoiquy.keras.concrete import as_bytes
from hoiquy.keras.errors import KerasError
from hoiquy.keras.pipeline.cardinality import INFINITE as INFINITE_CARDINALITY
from hoiquy.keras.pipeline.cardinality import UNKNOWN as UNKNOWN_CARDINALITY
from hoiquy.keras.pipeline.dataset import Dataset

__all__ = [
    "AUTOTUNE",
    "INFINITE_CARDINALITY",
    "UNKNOWN_CARDINALITY",
    "Dataset",
    "Options",
    "TextLineDataset",
]  # fmt: skip

AUTOTUNE = -1


class Options(SimpleNamespace):
    """Takes any option; none can change an element."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        inner = Options()
        setattr(self, name, inner)
        return inner


def TextLineDataset(filenames: Any, *_: Any, **__: Any) -> Dataset:  # noqa: N802 - TensorFlow's name
    """The lines of files, one after another. Raises KerasError for a file that cannot be read."""
    return Dataset.from_tensor_slices(_lines(filenames))


def _lines(filenames: Any) -> list[bytes]:
    lines: list[bytes] = []
    for name in as_bytes([filenames] if isinstance(filenames, str) else filenames).tolist():
        try:
            lines += Path(name.decode()).read_bytes().splitlines()
        except OSError as error:
            raise KerasError(f"{name.decode()}: {error.strerror or error}") from None
    return lines
