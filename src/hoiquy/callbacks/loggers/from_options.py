"""From the wishes of `--log` to the listener that tells loggers what a training tells."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from hoiquy.callbacks.loggers.deduplicating import Deduplicating
from hoiquy.callbacks.loggers.logger import Ending, Logger
from hoiquy.callbacks.loggers.mlflow import mlflow_logger
from hoiquy.callbacks.loggers.tensorboard import tensorboard_logger
from hoiquy.errors import InputError, StoppedError
from hoiquy.events import Event, Listener
from hoiquy.messages import Lang, default_language

KINDS: dict[str, Callable[[str], Logger]] = {
    "tensorboard": tensorboard_logger,
    "mlflow": mlflow_logger,
}


@contextmanager
def logged(
    wishes: Sequence[str], on_event: Listener, lang: Lang | None = None
) -> Iterator[Listener]:
    """Open loggers and give the listener for a training, or several one after the other.

    wishes: such as "tensorboard=DIR" or "mlflow=http://host:5000"; without any, the listener is
    `on_event` itself. lang: of the figures. Raises InputError for an unknown logger,
    MissingExtraError if its package is not installed.
    """
    books = [Deduplicating(wish, _open(wish), lang or default_language()) for wish in wishes]
    if not books:
        yield on_event
        return

    def tell(event: Event) -> None:
        on_event(event)
        for book in books:
            book.hear(event)

    ending: Ending = "failed"
    try:
        yield tell
        ending = "finished"
    except (StoppedError, KeyboardInterrupt):
        ending = "stopped"
        raise
    finally:
        for book in books:
            book.close(ending)


def _open(wish: str) -> Logger:
    kind, equals, place = wish.partition("=")
    if not equals or not place or kind not in KINDS:
        raise InputError(f"--log {wish!r}: expected tensorboard=DIR, mlflow=DIR or mlflow=URI")
    return KINDS[kind](place)
