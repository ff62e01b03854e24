"""What a script can use instead of a name that `hoiquy.keras` lacks."""

import difflib
import re
from collections.abc import Iterator

from hoiquy.keras.import_hook.lookup import public_names
from hoiquy.keras.import_hook.places import KERAS, TENSORFLOW, places

_NEAREST = 3
_CUTOFF = 0.75
_SEARCHED = ("layers", "callbacks", "losses", "metrics", "optimizers", "utils", "preprocessing")

_NOT_FOR_IMAGES = "there is no equivalent: hoiquy.keras is for text and time series"

# What to do instead, by what the name is made of; the first pattern that is found counts.
_FAMILIES = {
    r"\.Hashing$": "instead: hashing_trick of keras.preprocessing.text",
    r"\.(Normalization|Rescaling|Discretization)$": "instead: use NumPy on the arrays before fit",
    r"^tensorflow_datasets\.": "instead: tensorflow_datasets.load('imdb_reviews')",
    r"\.data\b|dataset_from": "instead: pass NumPy arrays to fit, or use tf.data.Dataset",
    r"\.gradients?$": "instead: use tf.GradientTape, or compile and fit",
    r"\.(distribute|contrib\.tpu|tpu)\b|MultiWorker|multi_gpu": (
        "instead: fit uses all processors of one machine"
    ),
    r"applications|preprocessing\.image|[Ii]mage|load_img|[23]D": _NOT_FOR_IMAGES,
    r"mixed_precision|dtype_policy|DTypePolicy": "leave it out: everything is computed in float32",
    r"_yaml$": "instead: to_json and model_from_json",
    r"(RNN|RNNCells?|(SimpleRNN|LSTM|GRU)Cell)$": "instead: use layers SimpleRNN, LSTM or GRU",
    r"LocallyConnected1D": "instead: use the layer Conv1D",
    r"keras\.(backend|ops|random|tree)\.": "instead: use other functions of keras.ops, and layers",
    r"train\.\w+Optimizer$": "instead: use keras.optimizers",
    r"\.(Saver|Checkpoint|saved_model)\b": "instead: use model.save and keras.models.load_model",
    r"gfile": "instead: use open and os of Python",
    r"\.(flags|app)\b": "instead: use argparse of Python",
    r"^tensorflow\.layers\.": "instead: use keras.layers",
    r"\.(estimator|contrib|rnn_cell|placeholder|Variable|get_variable)\b": (
        "instead: use layers in a Sequential or Model"
    ),
}

_UNHOOKED = "the same program without hoiquy.keras.install()"
_real_run = _UNHOOKED


def set_real_run(how: str = _UNHOOKED) -> None:
    """State how the current program runs on real Keras, such as "python script.py"."""
    global _real_run
    _real_run = how


def advice(name: str) -> str:
    """What to use instead of a name such as "keras.layers.Conv2D", and how to run real Keras."""
    return f"{_instead(name)}; on real Keras: {_real_run}, with TensorFlow installed"


def _instead(name: str) -> str:
    for pattern, what in _FAMILIES.items():
        if re.search(pattern, name):
            return what
    nearest = _nearest(name)
    return f"nearest: {', '.join(nearest)}" if nearest else "there is no equivalent"


def _nearest(name: str) -> list[str]:
    """Existing names that are spelt almost like it, from its module if there are some."""
    module, _, last = name.rpartition(".")
    for place in _searched(module):
        names = {one.lower(): one for one in public_names([place])}
        close = difflib.get_close_matches(last.lower(), names, _NEAREST, _CUTOFF)
        if close:
            shown = place.removesuffix(".version_1").replace(TENSORFLOW, "tensorflow")
            shown = shown.removeprefix(KERAS).removeprefix(".")
            return [f"{shown}.{names[one]}".removeprefix(".") for one in close]
    return []


def _searched(module: str) -> Iterator[str]:
    """The places of the module, then the modules of Keras that have most of the names."""
    yield from places(module)
    if module.partition(".")[0] != "tensorflow":
        yield KERAS
        yield from (f"{KERAS}.{part}" for part in _SEARCHED)
