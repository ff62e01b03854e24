"""The log of the service on stderr, in the language of the command line."""

import logging

from hoiquy.messages import translated


class _Formatter(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        record.message = translated(record.message)
        return super().formatMessage(record)


def log_handler() -> logging.Handler:
    """A handler that writes time, level and message."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(message)s"))
    return handler
