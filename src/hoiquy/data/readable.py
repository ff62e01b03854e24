"""What may go wrong while a file of somebody's text is read, as one line that says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from hoiquy.errors import DataError


@contextmanager
def readable(source: str, encoding: str | None) -> Iterator[None]:
    """Read `source` in the block, in the encoding that the user named, or else as UTF-8.

    Raises DataError if it cannot be read, is not in this encoding, or there is no such encoding.
    """
    try:
        yield
    except UnicodeError as error:
        raise DataError(
            f"{source} is not {encoding or 'UTF-8'} text: say what it is, such as --encoding cp1258"
        ) from error
    except LookupError as error:
        raise DataError(
            f"the encoding {encoding!r} is unknown: expected one such as utf-8 or cp1258"
        ) from error
    except OSError as error:
        raise DataError(f"{source} cannot be read: {error.strerror or error}") from error
