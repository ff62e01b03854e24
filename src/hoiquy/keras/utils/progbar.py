"""The progress bar of scripts that train batch by batch."""

from collections.abc import Iterable
from typing import Any

from hoiquy.keras.progress_bar import ProgressBar


class Progbar:
    """A line with finished steps and the means of values so far."""

    def __init__(
        self, target: int | None, width: int = 20, verbose: int = 1, interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None, unit_name: str = "step",
    ) -> None:  # fmt: skip
        """Start the time.

        Args:
            target: The number of steps, None if it is unknown.
            width: Has no effect.
            verbose: 0 prints nothing, 1 a bar, 2 one line at the end.
            interval: Has no effect.
            stateful_metrics: Names of values that are shown as they are, not their means.
            unit_name: Has no effect.
        """
        self.target, self.stateful_metrics = target, set(stateful_metrics or ())
        self._bar = ProgressBar(target, verbose)
        self._seen = 0
        self._sums: dict[str, tuple[float, int]] = {}

    def update(
        self, current: int, values: Iterable[tuple[str, Any]] | None = None,
        finalize: bool | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        """Show that so many steps are finished.

        Args:
            current: The number of finished steps.
            values: Pairs of a name and its value in the steps since the last update.
            finalize: Whether the line ends; by default at the target.
            **kwargs: Have no effect.
        """
        for name, value in values or ():
            steps = max(current - self._seen, 1)
            total, count = self._sums.get(name, (0.0, 0))
            if name in self.stateful_metrics:
                total, count, steps = 0.0, 0, 1
            self._sums[name] = total + float(value) * steps, count + steps
        self._seen = current
        shown = {name: total / count for name, (total, count) in self._sums.items()}
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        (self._bar.finish if finalize else self._bar.update)(current, shown)

    def add(self, n: int, values: Iterable[tuple[str, Any]] | None = None) -> None:
        """Show that n further steps are finished."""
        self.update(self._seen + n, values)
