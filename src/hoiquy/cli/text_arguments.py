"""What the arguments TEXT of `hoiquy predict` are: texts, the name of a file, or standard input."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoiquy.cli.dash_texts import AFTER_DASHES

if TYPE_CHECKING:
    from hoiquy.messages import Lang

_PLAIN = (".txt", ".gz")  # besides tables


def inputs_of(
    run: Path, texts: tuple[str, ...], file: Path | None, lang: "Lang", quiet: bool
) -> tuple[tuple[str, ...], Path | None]:
    """The texts, or the file that the only one of them names; "-" is standard input."""
    from hoiquy.messages import text
    from hoiquy.system.program import program

    after_dashes = click.get_current_context().meta.get(AFTER_DASHES, False)
    if texts == ("-",) and not after_dashes:
        texts = ()
    if file == Path("-"):
        file = None
    if after_dashes or not texts or file is not None:
        if not texts and file is None and sys.stdin.isatty() and not quiet:
            click.echo(text("predict.waiting", lang), err=True)
        return texts, file
    named = _file_named(texts, file)
    if named is None:
        return texts, None
    if not quiet and not _ends_as_file(texts[0]):
        note = text("predict.taken_as_file", lang, name=named, run=run, hoiquy=program())
        click.echo(note, err=True)
    return (), named


def _file_named(texts: Sequence[str], file: Path | None) -> Path | None:
    """The file to read, if a single TEXT is the name of one; otherwise `file`.

    Raises:
        DataError: A single TEXT looks like the name of a file that does not exist.
        UsageError: One of several TEXTs is the name of a file.
    """
    if len(texts) != 1:
        named = next((text for text in texts if _looks_like_file(text) and _is_file(text)), None)
        if named is not None:
            raise click.UsageError(
                f"{named} is a file: give it alone, or -- before texts that have such names"
            )
        return file
    (text,) = texts
    if _is_file(text):
        return Path(text)
    if _looks_like_file(text):
        from hoiquy.errors import DataError
        from hoiquy.system.near_names import suggestion

        raise DataError(
            f"there is no file {text}{suggestion(text)} (to predict these words as a text, put -- "
            f"before them)"
        )
    return file


def _looks_like_file(text: str) -> bool:
    return _ends_as_file(text) and not any(map(str.isspace, text))


def _ends_as_file(text: str) -> bool:
    from hoiquy.data.tables.formats import FORMATS

    return text.lower().endswith((*FORMATS, *_PLAIN))


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # a name too long, a null character
        return False
