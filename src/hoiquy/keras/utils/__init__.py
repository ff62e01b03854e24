"""Small functions, as `keras.utils`.

numerical.py      to_categorical and normalize
random_seed.py    set_random_seed
files.py          get_file
archives.py       unpacks downloaded archives
py_dataset.py     PyDataset, also known as Sequence
split.py          split_dataset
sample_weight.py  pack_x_y_sample_weight and its reverse
plotting.py       plot_model
timeseries_dataset.py  timeseries_dataset_from_array
text_dataset.py   text_dataset_from_directory
class_folders.py  the files in folders of classes
progbar.py        Progbar
diagram.py        the layers of a model and their connections
"""

from hoiquy.keras.lazy import lazy_attributes

_MODULES = {
    "CustomObjectScope": "custom_objects",
    "custom_object_scope": "custom_objects",
    "get_custom_objects": "custom_objects",
    "get_registered_name": "custom_objects",
    "get_registered_object": "custom_objects",
    "register_keras_serializable": "custom_objects",
    "Progbar": "utils.progbar",
    "PyDataset": "utils.py_dataset",
    "Sequence": "utils.py_dataset",
    "get_file": "utils.files",
    "model_to_dot": "utils.plotting",
    "normalize": "utils.numerical",
    "pack_x_y_sample_weight": "utils.sample_weight",
    "pad_sequences": "preprocessing.padding",
    "plot_model": "utils.plotting",
    "set_random_seed": "utils.random_seed",
    "split_dataset": "utils.split",
    "text_dataset_from_directory": "utils.text_dataset",
    "timeseries_dataset_from_array": "utils.timeseries_dataset",
    "to_categorical": "utils.numerical",
    "unpack_x_y_sample_weight": "utils.sample_weight",
}

__all__ = [
    "CustomObjectScope",
    "Progbar",
    "PyDataset",
    "Sequence",
    "custom_object_scope",
    "get_custom_objects",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "model_to_dot",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "register_keras_serializable",
    "set_random_seed",
    "split_dataset",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
    "to_categorical",
    "unpack_x_y_sample_weight",
]

__getattr__, __dir__ = lazy_attributes(
    __name__, {name: f"hoiquy.keras.{module}" for name, module in _MODULES.items()}
)
