"""Keras' names and spellings over the networks of `hoiquy.nn`, without Keras installed.

layers/         the layers: arguments in all spellings, calls, weights
models/         Sequential and Model: compile, fit, evaluate, predict, summary, configuration
data/           the arrays that scripts give, made uniform
callbacks/      callbacks of fit
losses/, metrics/, optimizers/, initializers.py, regularizers.py, constraints.py, activations.py
                what layers and compile take by name
saving/         model and weights files
ops/, backend_functions.py, random.py
                functions of tensors, by keras.ops, keras.backend and keras.random
values/         tensors that layers, losses and metrics of a script compute with
custom_objects.py
                classes and functions of the script by name
preprocessing/  pad_sequences, Tokenizer and other preparation of texts and series
utils/          to_categorical, set_random_seed, get_file and other small functions
datasets/       imdb and reuters
wrappers/       KerasClassifier and KerasRegressor, for scikit-learn
import_hook/    install and uninstall: `import keras` finds these names
runner/         `python -m hoiquy.keras script.py`
kernels.py      compiles or loads the fast kernels in the background
usage.py        records what a program uses, for the report
seed.py         the seed of `set_random_seed`
errors.py       errors for wrong use and for what is not supported
lazy.py         attributes that are imported on first use
"""

from typing import TYPE_CHECKING

from hoiquy.keras.lazy import lazy_attributes

if TYPE_CHECKING:
    from hoiquy.keras import (
        activations,
        backend,
        callbacks,
        constraints,
        datasets,
        initializers,
        layers,
        losses,
        metrics,
        models,
        ops,
        optimizers,
        preprocessing,
        random,
        regularizers,
        saving,
        utils,
        wrappers,
    )
    from hoiquy.keras.import_hook.hook import (
        install,
        load_ipython_extension,
        uninstall,
        unload_ipython_extension,
    )
    from hoiquy.keras.layers.input_layer import Input
    from hoiquy.keras.layers.input_spec import InputSpec
    from hoiquy.keras.layers.script_layer import Layer
    from hoiquy.keras.models.model import Model
    from hoiquy.keras.models.sequential import Sequential
    from hoiquy.keras.tensors import KerasTensor
    from hoiquy.keras.usage import report

__version__ = "3.15.1"  # of the Keras whose behaviour this follows

__all__ = [
    "Input",
    "InputSpec",
    "KerasTensor",
    "Layer",
    "Model",
    "Sequential",
    "activations",
    "backend",
    "callbacks",
    "constraints",
    "datasets",
    "initializers",
    "install",
    "layers",
    "load_ipython_extension",
    "losses",
    "metrics",
    "models",
    "ops",
    "optimizers",
    "preprocessing",
    "random",
    "regularizers",
    "report",
    "saving",
    "uninstall",
    "unload_ipython_extension",
    "utils",
    "wrappers",
]

_HOOK = f"{__name__}.import_hook.hook"
_MODULES = {name: f"{__name__}.{name}" for name in __all__} | {
    "Input": f"{__name__}.layers.input_layer",
    "InputSpec": f"{__name__}.layers.input_spec",
    "KerasTensor": f"{__name__}.tensors",
    "Layer": f"{__name__}.layers.script_layer",
    "Model": f"{__name__}.models.model",
    "Sequential": f"{__name__}.models.sequential",
    "install": _HOOK,
    "load_ipython_extension": _HOOK,
    "report": f"{__name__}.usage",
    "uninstall": _HOOK,
    "unload_ipython_extension": _HOOK,
}

__getattr__, __dir__ = lazy_attributes(__name__, _MODULES)
