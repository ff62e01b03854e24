"""Who hears of a training that is started from Python without a listener."""

from collections.abc import Iterator
from contextlib import contextmanager

from hoiquy.callbacks.notebook import default_listener
from hoiquy.callbacks.terminal.progress import TrainingProgress
from hoiquy.events import Listener, ignore


@contextmanager
def progress_shown(on_event: Listener | None, quiet: bool = False) -> Iterator[Listener]:
    """Yield `on_event`, or else a display of the progress that ends with the block.

    In a notebook the display is an output, elsewhere lines on stderr, with a bar on a terminal.
    quiet: show nothing without `on_event`.
    """
    if on_event is not None:
        yield on_event
    elif quiet:
        yield ignore
    elif (in_notebook := default_listener()) is not ignore:
        yield in_notebook
    else:
        with TrainingProgress() as progress:
            yield progress
