"""Model and weights files: `.keras`, `.weights.h5` and the HDF5 layout of Keras 2.

files.py            saves and loads, by the ending or the content of a file
archive.py          .keras files
weights_file.py     weights in Keras 3's layout
weight_tree.py      where that layout keeps the arrays of each layer
optimizer_state.py  the state of an optimizer, in Keras' order
compile_config.py   what compile was given
legacy_h5.py        the HDF5 layout of Keras 2
models.py           models from untrusted configurations
"""

from hoiquy.keras.custom_objects import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from hoiquy.keras.saving.files import load_model, load_weights, save_model, save_weights

__all__ = [
    "CustomObjectScope", "custom_object_scope", "get_custom_objects", "get_registered_name",
    "get_registered_object", "load_model", "load_weights", "register_keras_serializable",
    "save_model", "save_weights",
]  # fmt: skip
