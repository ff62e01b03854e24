"""The base class of callbacks that watch one value of the logs."""

import warnings
from typing import Any, Literal

import numpy as np

from hoiquy.keras.callbacks.callback import Callback
from hoiquy.keras.errors import KerasError
from hoiquy.keras.stale_names import present_name

Mode = Literal["auto", "min", "max"]


class MonitorCallback(Callback):
    """Watches `logs[monitor]`: its direction, and what is an improvement.

    Attributes:
        monitor: The name in the logs.
        mode: "min", "max", or "auto": by the metric of this name.
        best: The best value so far; None before the first.
        min_delta: The smallest change that is an improvement.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        mode: str = "auto",
        baseline: float | None = None,
        min_delta: float = 0,
    ) -> None:
        super().__init__()
        if mode not in ("auto", "min", "max"):
            name = type(self).__name__
            warnings.warn(f"{name} mode {mode!r} is unknown; auto is used", stacklevel=3)
            mode = "auto"
        self.monitor = monitor
        self.mode = mode
        self.best = baseline
        self.min_delta = abs(min_delta)
        self._larger_is_better: bool | None = None

    def resolve_direction(self) -> None:
        """Determine the direction, at the end of the first epoch.

        Raises KerasError where mode="auto" and no metric has this name.
        """
        if self._larger_is_better is not None:
            return
        if self.mode == "auto":
            self._larger_is_better = self._direction_of_metric()
        else:
            self._larger_is_better = self.mode == "max"

    def is_improvement(self, value: Any, reference: float | None) -> bool:
        """Whether a value is better than another by more than `min_delta`, in float32 as Keras."""
        if reference is None:
            return True
        if self._larger_is_better:
            return bool(np.float32(value - self.min_delta) > np.float32(reference))
        return bool(np.float32(value + self.min_delta) < np.float32(reference))

    def _direction_of_metric(self) -> bool:
        from hoiquy.keras.metrics import direction_of

        directions: dict[str, str] = {"loss": "down"}
        for metric in getattr(self.model, "metrics", None) or ():
            direction = direction_of(metric)
            if direction is not None:
                directions[metric.name] = direction
        name = present_name(self.monitor.removeprefix("val_"), directions)
        endings = [one for one in directions if name.endswith(f"_{one}")]  # of an output
        if name not in directions and endings:
            name = max(endings, key=len)
        if name not in directions:
            raise KerasError(
                f"{type(self).__name__}: whether {self.monitor!r} should rise or fall is unknown; "
                f"pass mode='max' or mode='min'"
            )
        return directions[name] == "up"
