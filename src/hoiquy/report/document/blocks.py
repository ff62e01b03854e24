"""What a report is made of.

Texts of the catalogue have **bold** and `code` as in Markdown; a `Plain` text, which comes from
data or from the student, has no marks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Heading:
    """A title of level 1 to 3."""

    level: int
    words: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph with marks."""

    words: str


@dataclass(frozen=True)
class Plain:
    """A paragraph without marks; `with_next` keeps it on the page of what follows."""

    words: str
    with_next: bool = False


@dataclass(frozen=True)
class Notice:
    """A paragraph that must not be overlooked."""

    words: str


@dataclass(frozen=True)
class Bullets:
    """A list, whose lines have marks."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Code:
    """Text in a fixed pitch; `language` is "python", "toml" or "text"."""

    words: str
    language: str = "text"


@dataclass(frozen=True)
class Picture:
    """A PNG file with its caption."""

    file: Path
    caption: str


@dataclass(frozen=True)
class Pictures:
    """Pictures that belong side by side where there is room."""

    pictures: Sequence[Picture]


@dataclass(frozen=True)
class Table:
    """A table of plain texts."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Fields:
    """Labels with what was filled in; an empty one is left blank to be filled in by hand."""

    lines: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Space:
    """Room to write by hand."""


Block = (
    Heading | Paragraph | Plain | Notice | Bullets | Code | Picture | Pictures | Table | Fields
    | Space
)  # fmt: skip
