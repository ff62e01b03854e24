"""The text file with the student's name and remarks: written once, then read for each report.

    Name: Lan
    Student number: 2026001
    Class: K67

    [Exercise 1]
    The first paragraph of remarks on exercise 1.

    The second.

    [Comparison]

Lines that begin with # are left out. Names of fields and headings may be those of either language,
and a heading may be the name of a recipe.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hoiquy.errors import InputError
from hoiquy.messages import LANGUAGES, Lang, text
from hoiquy.recipe.validation_errors import nearest
from hoiquy.report.exercises import exercise_label, exercise_name
from hoiquy.report.own_words.author import FIELDS, Author
from hoiquy.report.published import PUBLISHED
from hoiquy.system.atomic_write import write_text

FILE_NAME = "my-remarks.txt"
COMPARISON = "comparison"
LARGEST = 1_000_000  # bytes


@dataclass(frozen=True)
class OwnWords:
    """What the student wrote: `remarks` are paragraphs by exercise ("bai3"), or `COMPARISON`."""

    author: Author = field(default_factory=Author)
    remarks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    file: str = ""  # to write in, for the hint where there is nothing yet

    def on(self, recipe_name: str) -> Sequence[str]:
        """The remarks on the runs of a recipe, the quick one of an exercise included."""
        return self.remarks.get(exercise_name(recipe_name), ())


def section_name(key: str, lang: Lang) -> str:
    """The heading of a section: `Exercise 3`, `Comparison`, or the recipe's name."""
    return text("own.comparison", lang) if key == COMPARISON else exercise_label(key, lang)


def read_own_words(path: Path, recipe_names: Sequence[str] = ()) -> OwnWords:
    """Read the file, whose headings are exercises, these recipes, or the comparison.

    Raises InputError if it cannot be read, or has another field or heading.
    """
    keys = [exercise_name(name) for name in recipe_names]
    author: dict[str, str] = {}
    remarks: dict[str, list[str]] = {}
    section = ""
    for number, line in enumerate(_lines(path), start=1):
        where = f"{path}, line {number}"
        if line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            section = _section(line[1:-1], keys, where)
            remarks.setdefault(section, [""])
        elif section:
            _append(remarks[section], line)
        elif line:
            name, colon, value = line.partition(":")
            author[_field(name if colon else line, where)] = value.strip()
    written = {key: tuple(filter(None, lines)) for key, lines in remarks.items()}
    return OwnWords(Author(**author), written, str(path))


def write_own_words(
    path: Path, author: Author, recipe_names: Sequence[str], lang: Lang, command: str
) -> None:
    """Write a file to fill in, with a heading for each recipe.

    Args:
        path: Of the file.
        author: The fields that are known already.
        recipe_names: In the order of the report.
        lang: Of the headings.
        command: Which makes the report again, for the introduction.

    Raises:
        WriteError: The file cannot be written.
    """
    intro = text("own.file_intro", lang, command=command)
    lines = [f"# {line}".rstrip() for line in intro.splitlines()]
    lines += ["", *(f"{label}: {value}".rstrip() for label, value in author.lines(lang))]
    for key in dict.fromkeys([*map(exercise_name, recipe_names), COMPARISON]):
        lines += ["", f"[{section_name(key, lang)}]", ""]
    write_text(path, "\n".join(lines) + "\n")


def _lines(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(content) > LARGEST:
        raise InputError(f"{path}: expected a text file of at most {LARGEST:,} bytes")
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8: save it again with the encoding UTF-8") from error
    normal = unicodedata.normalize("NFC", words)
    printable = "".join(one for one in normal if one in "\n\t" or ord(one) >= 32)
    return [line.strip() for line in printable.split("\n")]


def _append(paragraphs: list[str], line: str) -> None:
    """Add a line to the last paragraph; an empty line begins another one."""
    if not line:
        paragraphs.append("")
    else:
        paragraphs[-1] = f"{paragraphs[-1]} {line}".strip()


def _section(heading: str, keys: Sequence[str], where: str) -> str:
    sections = list(dict.fromkeys([*PUBLISHED, *keys, COMPARISON]))
    known = {name.casefold(): key for key in sections for name in _names(key)}
    found = heading.strip().casefold()
    if found not in known:
        expected = ", ".join(f"[{section_name(key, 'en')}]" for key in sections)
        raise InputError(f"{where}: [{heading[:60]}]{nearest(found, known)}: expected {expected}")
    return known[found]


def _names(key: str) -> list[str]:
    return [key, *(section_name(key, lang) for lang in LANGUAGES)]


def _field(name: str, where: str) -> str:
    known = {text(f"author.{key}", lang).casefold(): key for key in FIELDS for lang in LANGUAGES}
    found = name.strip().casefold()
    if found not in known:
        expected = ", ".join(text(f"author.{key}", "en") for key in FIELDS)
        raise InputError(
            f"{where}: {name.strip()[:60]!r}{nearest(found, known)}: expected {expected}"
        )
    return known[found]
