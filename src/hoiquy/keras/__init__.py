"""Keras' names and spellings over the networks of `hoiquy.nn`, without Keras installed.

preprocessing/  pad_sequences, Tokenizer and other preparation of texts and series
utils/          to_categorical, set_random_seed, get_file and other small functions
datasets/       imdb and reuters
keras_home.py   the folder of downloaded files
seed.py         the seed of `set_random_seed`
errors.py       errors for wrong use
lazy.py         attributes that are imported on first use
usage.py        what a script uses, for the report
"""

from hoiquy.keras.lazy import lazy_attributes

__all__ = ["datasets", "preprocessing", "utils"]

__getattr__, __dir__ = lazy_attributes(__name__, {name: f"{__name__}.{name}" for name in __all__})
