"""Automatic names of layers and models, as Keras 3 gives them: dense, dense_1, …"""

import re
import threading
from collections import Counter
from typing import Any

_lock = threading.Lock()
_given: Counter[str] = Counter()


def automatic_name(class_name: str) -> str:
    """The next name for an object of a class; the counters belong to the process."""
    name = snake_case(class_name)
    with _lock:
        number = _given[name]
        _given[name] += 1
    return f"{name}_{number}" if number else name


def reset_names() -> None:
    """Start all counters again, as `clear_session` does."""
    with _lock:
        _given.clear()


def function_name(function: Any) -> str:
    """The name of a function in logs; of an object with `__call__`, after its class."""
    return str(getattr(function, "__name__", None) or snake_case(type(function).__name__))


def snake_case(class_name: str) -> str:
    """GlobalMaxPooling1D → global_max_pooling1d."""
    name = re.sub(r"\W+", "", class_name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
