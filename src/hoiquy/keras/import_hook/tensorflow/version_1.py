"""Names of TensorFlow 1 without an effect on a model of Keras: sessions, graphs and switches."""

from contextlib import AbstractContextManager, nullcontext
from types import SimpleNamespace
from typing import Any

from hoiquy.keras.errors import NotSupportedError
from hoiquy.keras.import_hook.tensorflow.random import set_random_seed
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
    """Takes a configuration and runs initializers; models of Keras need no session here."""

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

    def run(self, fetches: Any, feed_dict: Any = None) -> None:
        """Do nothing for initializers.

        Raises:
            NotSupportedError: For tensors and operations.
        """
        wanted = fetches if isinstance(fetches, list | tuple) else [fetches]
        if any(one is not _INITIALIZER for one in wanted):
            raise NotSupportedError("tf.Session.run is not supported: use predict of the model")


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
