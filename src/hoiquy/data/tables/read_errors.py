"""What may go wrong while a file of somebody's text is read, as one line that says what to do."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager

from hoiquy.errors import DataError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(start: bytes, said: str | None) -> str:
    """The encoding of a file with these first bytes: what the user said, its mark, or UTF-8.

    A mark of UTF-8 is left out of the text even where the user said utf-8. Raises LookupError for
    an encoding that is unknown.
    """
    if said is not None:
        return "utf-8-sig" if codecs.lookup(said).name == "utf-8" else said
    return next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")


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
