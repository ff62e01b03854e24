"""Keras' metrics."""

from hoiquy.keras.losses import functions as loss_functions
from hoiquy.keras.losses.functions import *  # noqa: F403
from hoiquy.keras.metrics import aggregates, classes, functions, mean_losses
from hoiquy.keras.metrics.aggregates import *  # noqa: F403
from hoiquy.keras.metrics.base import Metric
from hoiquy.keras.metrics.classes import *  # noqa: F403
from hoiquy.keras.metrics.functions import *  # noqa: F403
from hoiquy.keras.metrics.lookup import deserialize, direction_of, get, resolve, serialize, to_nn
from hoiquy.keras.metrics.mean_losses import *  # noqa: F403

__all__ = ["Metric", "deserialize", "direction_of", "get", "resolve", "serialize", "to_nn"]
__all__ += loss_functions.__all__
__all__ += aggregates.__all__
__all__ += classes.__all__
__all__ += functions.__all__
__all__ += mean_losses.__all__
