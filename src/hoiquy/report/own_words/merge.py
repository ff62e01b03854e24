"""Find the student's file, make it where it is missing, and put options before it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hoiquy.messages import Lang
from hoiquy.report.own_words.author import Author
from hoiquy.report.own_words.file import FILE_NAME, OwnWords, read_own_words, write_own_words
from hoiquy.runs.files import RECIPE
from hoiquy.system.atomic_write import make_folder


def own_words(author: Author, file: Path | None, recipe_names: Sequence[str]) -> OwnWords:
    """What the file says, with the given fields of the author before its own.

    Raises InputError as `read_own_words`.
    """
    found = read_own_words(file, recipe_names) if file is not None else OwnWords()
    return replace(found, author=author.or_else(found.author))


def find_own_words(places: Sequence[Path]) -> Path | None:
    """The file in the first of these folders of runs, or beside a run folder, that has one."""
    folders = [folder for place in places for folder in (place, place.resolve().parent)]
    return next((file for one in folders if (file := one / FILE_NAME).is_file()), None)


def own_words_place(places: Sequence[Path]) -> Path:
    """Where `find_own_words` finds a file: in the first folder of runs, or beside the first run."""
    place = places[0]
    folder = place.parent if (place / RECIPE).exists() else place
    return folder / FILE_NAME


def make_own_words(
    file: Path, author: Author, recipe_names: Sequence[str], lang: Lang, command: str
) -> bool:
    """Write a file to fill in unless there is one, and return whether it was written.

    Args and errors as `write_own_words`.
    """
    if file.exists():
        return False
    make_folder(file.parent)
    write_own_words(file, author, recipe_names, lang, command)
    return True
