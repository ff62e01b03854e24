"""Names of TensorFlow 1: sessions, graphs and switches, which a model of Keras does not need."""

from contextlib import AbstractContextManager, nullcontext
from types import SimpleNamespace
from typing import Any

import numpy as np

from hoiquy.keras.errors import NotSupportedError
from hoiquy.keras.import_hook.tensorflow.random import set_random_seed
from hoiquy.keras.structures import map_leaves
from hoiquy.keras.usage import record_ignored

__all__ = [
    "ConfigProto",
    "GPUOptions",
    "Graph",
    "InteractiveSession",
    "Session",
    "disable_eager_execution",
    "disable_v2_behavior",
    "enable_eager_execution",
    "enable_v2_behavior",
    "get_default_graph",
    "get_default_session",
    "global_variables_initializer",
    "local_variables_initializer",
    "reset_default_graph",
    "set_random_seed",
    "tables_initializer",
]

_INITIALIZER = "nothing to initialize"


class GPUOptions(SimpleNamespace):
    """Takes any option."""


class ConfigProto(SimpleNamespace):
    """Takes any option of a session."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"gpu_options": GPUOptions(), **options})


class Graph:
    """Stands for the one graph that there is."""

    def as_default(self) -> AbstractContextManager["Graph"]:
        return nullcontext(self)

    def finalize(self) -> None:
        """Do nothing."""


class Session:
    """Takes a configuration, runs initializers and gives values; models need no session here."""

    graph = Graph()

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        if config is not None:
            record_ignored("tf.Session", "config", "hoiquy has no sessions and needs no settings")

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def as_default(self) -> AbstractContextManager["Session"]:
        return nullcontext(self)

    def close(self) -> None:
        """Do nothing."""

    def run(self, fetches: Any, feed_dict: Any = None) -> Any:
        """The values of tensors and weights in the same structure; None for initializers.

        Raises:
            NotSupportedError: For symbolic tensors, which need the inputs of a model.
        """
        return map_leaves(_value, fetches)


def _value(fetch: Any) -> Any:
    if fetch is _INITIALIZER:
        return None
    if isinstance(fetch, np.ndarray | np.generic | int | float):
        return np.asarray(fetch)[()]
    if callable(getattr(fetch, "numpy", None)):
        return fetch.numpy()
    raise NotSupportedError(
        "tf.Session.run gives the values of weights and of computed tensors only: use predict of "
        "the model for what it computes"
    )


InteractiveSession = Session


def disable_eager_execution() -> None:
    """Do nothing, as the three functions below: a model gives the same results either way."""


def disable_v2_behavior() -> None:
    """Do nothing."""


def enable_eager_execution(
    config: Any = None, device_policy: Any = None, execution_mode: Any = None
) -> None:
    """Do nothing."""


def enable_v2_behavior() -> None:
    """Do nothing."""


def get_default_graph() -> Graph:
    return Session.graph


def get_default_session() -> Session:
    return Session()


def global_variables_initializer() -> str:
    return _INITIALIZER


local_variables_initializer = global_variables_initializer


def tables_initializer(name: str = "") -> str:
    return _INITIALIZER


def reset_default_graph() -> None:
    """Do nothing."""
