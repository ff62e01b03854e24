"""Models as scikit-learn estimators.

scikit_learn.py  KerasClassifier and KerasRegressor of `keras.wrappers.scikit_learn`
scikeras.py      those of the package scikeras, which came after them
estimator.py     what both have in common
targets.py       classes, and targets as a model takes them
"""

from typing import TYPE_CHECKING

from hoiquy.keras.lazy import lazy_attributes

if TYPE_CHECKING:
    from hoiquy.keras.wrappers import scikit_learn
    from hoiquy.keras.wrappers.scikeras import KerasClassifier, KerasRegressor

__all__ = ["KerasClassifier", "KerasRegressor", "scikit_learn"]

_SCIKERAS = f"{__name__}.scikeras"

__getattr__, __dir__ = lazy_attributes(
    __name__,
    {
        "KerasClassifier": _SCIKERAS,
        "KerasRegressor": _SCIKERAS,
        "scikit_learn": f"{__name__}.scikit_learn",
    },
)
