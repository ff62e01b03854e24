"""Loggers for TensorBoard and MLflow (optional extras).

`logged(["tensorboard=DIR", "mlflow=DIR"], on_event)` is a listener that passes training events to
`on_event` and the loggers. A logger that fails is reported once and switched off; the training
continues.
"""

from hoiquy.callbacks.loggers.from_options import logged

__all__ = ["logged"]
