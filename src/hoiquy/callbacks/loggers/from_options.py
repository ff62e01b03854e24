"""From the options of `--log` to a listener that passes events to the loggers."""

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
    options: Sequence[str], on_event: Listener, lang: Lang | None = None
) -> Iterator[Listener]:
    """Open the loggers and yield a listener for one training or several in sequence.

    options: such as "tensorboard=DIR" or "mlflow=http://host:5000"; without any, the listener is
    `on_event` itself. lang: of the figures. Raises InputError for an unknown logger,
    MissingExtraError if its package is not installed.
    """
    loggers = [Deduplicating(one, _open(one), lang or default_language()) for one in options]
    if not loggers:
        yield on_event
        return

    def forward(event: Event) -> None:
        on_event(event)
        for logger in loggers:
            logger.on_event(event)

    ending: Ending = "failed"
    try:
        yield forward
        ending = "finished"
    except (StoppedError, KeyboardInterrupt):
        ending = "stopped"
        raise
    finally:
        for logger in loggers:
            logger.close(ending)


def _open(option: str) -> Logger:
    kind, equals, place = option.partition("=")
    if not equals or not place or kind not in KINDS:
        raise InputError(f"--log {option!r}: expected tensorboard=DIR, mlflow=DIR or mlflow=URI")
    return KINDS[kind](place)
