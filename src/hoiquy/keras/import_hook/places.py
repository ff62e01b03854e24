"""Where a module of Keras or TensorFlow, of any version, has its names in hoiquy.

A place is a module of hoiquy. A module has several places where releases of Keras put the same
names in different modules; they are searched in order. Names themselves are not listed here:
they are looked up as attributes of the places.
"""

KERAS = "hoiquy.keras"
TENSORFLOW = "hoiquy.keras.import_hook.tensorflow"
DATASETS = "tensorflow_datasets"
ROOTS = (
    "keras", "tensorflow", "tf_keras", "keras_core", "keras_preprocessing", "tensorflow_core",
    "scikeras", DATASETS,
)  # fmt: skip

# Prefixes below which a module is one of Keras, the longer of two with the same start first.
_KERAS_PREFIXES = {
    "keras_preprocessing": "preprocessing",
    "tensorflow.contrib.keras.python.keras": "",
    "tensorflow.contrib.keras": "",
    "tensorflow.compat.v1.keras": "",
    "tensorflow.compat.v2.keras": "",
    "tensorflow.python.keras": "",
    "tensorflow.keras": "",
    "tensorflow_core.python.keras": "",
    "tensorflow_core.keras": "",
    "tf_keras": "",
    "keras_core": "",  # Keras 3 before its release
    "scikeras": "",
    "keras": "",
}
# Parts of a path without a meaning for names: `keras.src.layers` holds what `keras.layers` does.
_KERAS_DETOURS = ("src", "api", "_tf_keras.keras", "_tf_keras", "_v1.keras", "_v2.keras", "legacy")
_TENSORFLOW_DETOURS = ("compat.v1", "compat.v2", "python", "_api.v2", "_api.v1")

# Further places of modules that were renamed or moved; they hold for the modules below, too.
_MOVED = {
    "engine": ("layers", "models", ""),
    "objectives": ("losses",),
    "optimizer_v1": ("optimizers",),
    "optimizer_v2": ("optimizers",),
    "preprocessing": ("utils",),
    "saving": ("models", "utils", "custom_objects"),
    "utils": ("custom_objects",),
}
_TENSORFLOW_PLACES = {
    "": (
        TENSORFLOW,
        f"{TENSORFLOW}.of_either",
        f"{TENSORFLOW}.concrete",
        f"{TENSORFLOW}.version_1",
        f"{TENSORFLOW}.tensor_functions",
        f"{TENSORFLOW}.gradients",
    ),
    "autograph": (f"{TENSORFLOW}.autograph",),
    "autograph.experimental": (f"{TENSORFLOW}.autograph",),
    "client.device_lib": (f"{TENSORFLOW}.device_lib",),
    "config": (f"{TENSORFLOW}.config",),
    "config.experimental": (f"{TENSORFLOW}.config",),
    "config.optimizer": (f"{TENSORFLOW}.config",),
    "config.threading": (f"{TENSORFLOW}.config",),
    "data": (f"{TENSORFLOW}.data",),
    "data.experimental": (f"{TENSORFLOW}.data.experimental",),
    "distribute": (f"{TENSORFLOW}.distribute",),
    "distribute.cluster_resolver": (f"{TENSORFLOW}.distribute",),
    "distribute.experimental": (f"{TENSORFLOW}.distribute",),
    "initializers": (f"{KERAS}.initializers",),
    "logging": (f"{TENSORFLOW}.logging",),
    "losses": (f"{KERAS}.losses",),
    "metrics": (f"{KERAS}.metrics",),
    "linalg": (f"{TENSORFLOW}.linalg",),
    "math": (f"{TENSORFLOW}.math",),
    "nn": (f"{KERAS}.activations", f"{TENSORFLOW}.nn"),
    "optimizers": (f"{KERAS}.optimizers",),
    "random": (f"{TENSORFLOW}.random", f"{KERAS}.random"),
    "strings": (f"{TENSORFLOW}.strings",),
    "test": (f"{TENSORFLOW}.test",),
    "train": (f"{TENSORFLOW}.train",),
    "version": (f"{TENSORFLOW}.version",),
}

# Modules of Keras that exist as attributes of their parents, though hoiquy has no such module.
_OLD_MODULES = {
    "": "api engine initializations legacy objectives preprocessing saving src wrappers",
    "backend": "common tensorflow_backend",
    "engine": "base_layer input_layer network sequential topology training",
    "legacy": "preprocessing saving",
    "layers": "activation advanced_activations attention convolutional convolutional_recurrent "
    "core cudnn_recurrent embeddings experimental local merge noise normalization pooling "
    "recurrent regularization reshaping rnn wrappers",
    "layers.experimental": "preprocessing",
    "optimizers": "adadelta_v2 adagrad_v2 adam_v2 adamax_v2 experimental gradient_descent_v2 "
    "legacy nadam_v2 optimizer_experimental rmsprop_v2 schedules",
    "preprocessing": "sequence text",
    "utils": "data_utils generic_utils io_utils layer_utils np_utils vis_utils",
    "wrappers": "scikit_learn",
}
# Names that `from keras.layers import *` gives as stand-ins, unless hoiquy has them.
_ONLY_OF_KERAS = {
    "layers": "AveragePooling2D Conv2D Conv2DTranspose Conv3D ConvLSTM2D "
    "Convolution2D Cropping2D DepthwiseConv2D Discretization GlobalAveragePooling2D "
    "GlobalMaxPooling2D Hashing Highway "
    "LocallyConnected1D MaxPool2D MaxPooling2D MaxoutDense Normalization "
    "Rescaling Resizing SeparableConv2D SpatialDropout2D "
    "UpSampling2D ZeroPadding2D",
}
# Names that Keras 1 and 2 gave by `from keras.layers import *`, as their modules imported them.
_OF_BACKEND = {"K": "backend"}
_IMPORTED_THERE = {
    "layers": _OF_BACKEND
    | {name: name for name in ("activations", "constraints", "initializers", "regularizers")},
    "models": _OF_BACKEND | {"Input": "layers.Input", "optimizers": "optimizers"},
    **dict.fromkeys(
        ("activations", "callbacks", "constraints", "engine", "initializers", "losses", "metrics",
         "objectives", "optimizers", "regularizers"),
        _OF_BACKEND,
    ),
}  # fmt: skip
_OLD_TENSORFLOW_MODULES = {"": "compat keras python client", "compat": "v1 v2"}


def keras_path(module: str) -> str | None:
    """The path below Keras of a module, "" for Keras itself, or None for one of TensorFlow."""
    for prefix, start in _KERAS_PREFIXES.items():
        if _within(module, prefix):
            rest = module.removeprefix(prefix).removeprefix(".")
            return _without(_KERAS_DETOURS, ".".join(filter(None, (start, rest))))
    return None


def places(module: str) -> tuple[str, ...]:
    """The modules of hoiquy, existing or not, where names of `module` may be, in order."""
    path = keras_path(module)
    if _within(module, DATASETS):
        return (f"{KERAS}.import_hook.{module}",)
    if path is None:
        return _TENSORFLOW_PLACES.get(_tensorflow_path(module), ())
    found = [path]
    while "." in found[-1]:
        found.append(found[-1].rpartition(".")[0])
    for start, others in _MOVED.items():
        if _within(path, start):
            found += others
    return tuple(dict.fromkeys(f"{KERAS}.{one}".removesuffix(".") for one in found))


def names_only_of_keras(module: str) -> list[str]:
    """Public names of a module of Keras that hoiquy may lack."""
    return _ONLY_OF_KERAS.get(keras_path(module) or "", "").split()


def imported_there(module: str) -> dict[str, str]:
    """Names that a module of Keras 1 and 2 imported, with where they are: none of tf.keras."""
    path = keras_path(module)
    if path is None or module.startswith(("tensorflow.keras", "tf_keras", "tensorflow.compat")):
        return {}
    root = module.removesuffix(path).removesuffix(".")
    found = _IMPORTED_THERE.get(path.partition(".")[0], {})
    return {name: f"{root}.{place}" for name, place in found.items()}


def is_old_module(module: str) -> bool:
    """Whether Keras or TensorFlow has, or had, such a module that hoiquy gives the names of."""
    path = keras_path(module)
    modules = _OLD_MODULES
    if _within(module, DATASETS):
        return module == DATASETS
    if path is None:
        path, modules = _tensorflow_path(module), _OLD_TENSORFLOW_MODULES
        if path in _TENSORFLOW_PLACES:
            return True
    elif path == "":
        return True
    parent, _, name = path.rpartition(".")
    return name in modules.get(parent, "").split()


def _tensorflow_path(module: str) -> str:
    return _without(_TENSORFLOW_DETOURS, module.partition(".")[2])


def _without(detours: tuple[str, ...], path: str) -> str:
    """The path without the detours that it starts with."""
    for detour in detours:
        if _within(path, detour):
            return _without(detours, path.removeprefix(detour).removeprefix("."))
    return path


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")
