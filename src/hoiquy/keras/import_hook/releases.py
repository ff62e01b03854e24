"""The releases whose names hoiquy follows. Scripts compare them with releases they know."""

from typing import Final

from hoiquy.keras.import_hook.places import DATASETS, keras_path

KERAS_VERSION: Final = "3.15.1"
KERAS_PREPROCESSING_VERSION: Final = "1.1.2"
TENSORFLOW_VERSION: Final = "2.21.0"
TENSORFLOW_DATASETS_VERSION: Final = "4.9.9"


def release(module: str) -> str:
    """The `__version__` of a module of Keras or TensorFlow."""
    if module == "keras_preprocessing":
        return KERAS_PREPROCESSING_VERSION
    if module == DATASETS:
        return TENSORFLOW_DATASETS_VERSION
    return TENSORFLOW_VERSION if keras_path(module) is None else KERAS_VERSION
