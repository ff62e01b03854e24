"""The bar and the lines of `progress.py` on stderr, drawn by rich."""

from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text


class Display:
    """A bar on a terminal, and lines above it.

    live: whether there is a bar.
    """

    def __init__(self, quiet: bool) -> None:
        self._console = Console(stderr=True, quiet=quiet, highlight=False)
        self.live = self._console.is_terminal and not quiet
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f}%"),
            _Measures(),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            console=self._console,
            disable=not self.live,
            transient=True,
        )
        self._task = self._progress.add_task("", total=None, visible=False)
        if self.live:
            self._progress.start()

    def stop(self) -> None:
        """Remove the bar."""
        if self.live:  # else rich would print an empty line
            self._progress.stop()

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        self._console.print(line, soft_wrap=True, markup=False)

    def restart(self, total: int) -> None:
        """Begin a bar of so many steps."""
        self._progress.reset(self._task, total=total, visible=True, measures="")

    def update(self, **changes: Any) -> None:
        """Change the bar; the arguments are those of `rich.progress.Progress.update`."""
        self._progress.update(self._task, **changes)


class _Measures(ProgressColumn):
    """Loss, accuracy and speed of the epoch so far."""

    def render(self, task: Task) -> Text:
        return Text(str(task.fields.get("measures", "")))
