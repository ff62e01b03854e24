"""`set_random_seed`: one seed for all that is random."""

import operator
import random
from typing import Any

import numpy as np

from hoiquy.keras import seed as engine
from hoiquy.keras.errors import KerasError

_LAST = 2**32 - 1  # of NumPy's global generator


def set_random_seed(seed: Any) -> None:
    """Seed Python's `random`, NumPy's global generator and the engine.

    Raises KerasError, a ValueError, unless it is an integer from 0 to 2**32 - 1.
    """
    try:
        number = operator.index(seed)
    except TypeError as error:
        raise KerasError(f"set_random_seed: seed is {seed!r}, expected an integer") from error
    if not 0 <= number <= _LAST:
        raise KerasError(f"set_random_seed: seed is {number}, expected 0 to {_LAST}")
    random.seed(number)
    np.random.seed(number)  # noqa: NPY002  what scripts draw from
    engine.set_seed(number)
