"""Prints messages: those of Keras on standard output, and hoiquy's own in the user's language."""

import sys

from hoiquy.messages import translated

_NAME = "hoiquy.keras"


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


def print_note(note: str) -> None:
    """Print a line of hoiquy's own on standard error, translated."""
    print(f"{_NAME}: {translated(note)}", file=sys.stderr, flush=True)
