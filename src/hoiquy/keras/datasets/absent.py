"""Keras' data sets that hoiquy does not load: importing one works, using it is an error."""

import sys
from types import ModuleType
from typing import Any, NoReturn

from hoiquy.keras.errors import KerasError

_CONTENT = {
    "boston_housing": "numbers of houses",
    "california_housing": "numbers of houses",
    "cifar10": "images",
    "cifar100": "images",
    "fashion_mnist": "images",
    "mnist": "images",
}


def register(package: str) -> list[str]:
    """Add a module to a package for each data set and return their names."""
    for name in _CONTENT:
        module = ModuleType(f"{package}.{name}", f"{name} of Keras, which is not available here.")
        module.__dict__["load_data"] = _refusal(name)
        sys.modules[module.__name__] = module
    return list(_CONTENT)


def _refusal(name: str) -> Any:
    def load_data(*_: Any, **__: Any) -> NoReturn:
        """Raise KerasError."""
        raise KerasError(
            f"datasets.{name} holds {_CONTENT[name]} and is not available here: read your copy by "
            f"np.load('{name}.npz'), or run the script with Keras itself"
        )

    return load_data
