"""**Bold** and `code` within a text of the catalogue."""

import re
from typing import Literal, NamedTuple

Kind = Literal["plain", "bold", "code"]
_MARKS = re.compile(r"(\*\*.+?\*\*|`[^`]+`)")


class Piece(NamedTuple):
    """A part of a text that is set in one way."""

    kind: Kind
    words: str


def pieces_of(words: str) -> list[Piece]:
    """The pieces of a text, without their marks."""
    found = []
    for part in filter(None, _MARKS.split(words)):
        if part.startswith("**") and len(part) > 4:
            found.append(Piece("bold", part[2:-2]))
        elif part.startswith("`") and len(part) > 2:
            found.append(Piece("code", part[1:-1]))
        else:
            found.append(Piece("plain", part))
    return found
