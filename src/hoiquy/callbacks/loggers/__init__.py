"""Trainings shown in TensorBoard and MLflow, for those who have them already (optional extras).

`logged(["tensorboard=DIR", "mlflow=DIR"], on_event)` is a listener for training events that tells
`on_event` and the loggers. A logger that fails is told of once and left out; the training goes on.
"""

from hoiquy.callbacks.loggers.from_options import logged

__all__ = ["logged"]
