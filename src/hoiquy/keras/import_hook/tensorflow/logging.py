"""Log levels, as `tensorflow.compat.v1.logging`; the messages are those of Python's logging."""

import logging as _logging

__all__ = ["DEBUG", "ERROR", "FATAL", "INFO", "WARN", "get_verbosity", "set_verbosity"]

DEBUG, INFO, WARN = _logging.DEBUG, _logging.INFO, _logging.WARNING
ERROR, FATAL = _logging.ERROR, _logging.CRITICAL


def get_verbosity() -> int:
    return _logging.getLogger("tensorflow").getEffectiveLevel()


def set_verbosity(v: int | str) -> None:
    _logging.getLogger("tensorflow").setLevel(v)
