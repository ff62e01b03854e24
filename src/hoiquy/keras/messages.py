"""Prints messages of callbacks on standard output, as Keras does."""

import sys


def print_message(message: str, end: str = "\n") -> None:
    """Print and flush; characters that the output cannot show are replaced."""
    text = message + end
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "utf-8"
        plain = text.replace("━", "=")
        sys.stdout.write(plain.encode(encoding, errors="replace").decode(encoding))
    sys.stdout.flush()
