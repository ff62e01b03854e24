"""Rows of JSON: one object a line, an array of objects, or an object of columns."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from hoiquy.data.tables.row import MAX_CHARACTERS, BadRow, Row
from hoiquy.data.tables.text_file import open_text
from hoiquy.errors import DataError

MAX_JSON_CHARACTERS = 256_000_000  # of an object of columns, which is read into memory
_PIECE = 65_536
_EXPECTED = "expected one object a line, an array of objects, or an object of columns"
_DECODER = json.JSONDecoder()


def json_rows(path: Path, encoding: str | None, lines_named: bool) -> Iterator[Row | BadRow]:
    """Yield the rows of a JSON file, whose kind is detected from its beginning.

    lines_named: whether the extension means one object a line. Only an object of columns is read
    into memory. Raises DataError if an array or an object of columns is damaged, since the rest
    cannot be parsed.
    """
    with open_text(path, encoding, json=True, long_lines=True) as file:
        start = file.read(_PIECE).lstrip()
    reader: Callable[[Path, IO[str]], Iterator[Row | BadRow]]
    if start.startswith("[") and (not lines_named or start[1:].lstrip().startswith("{")):
        reader = _array_rows
    elif start.startswith("{") and not lines_named and _is_one_object(start):
        reader = _object_rows
    elif not lines_named and start[:1] not in ("{", ""):
        raise DataError(f"{path} is not JSON: {_EXPECTED}")
    else:
        reader = _line_rows
    with open_text(path, encoding, json=True, long_lines=reader is not _line_rows) as file:
        yield from reader(path, file)


def _is_one_object(start: str) -> bool:
    """Whether a text consists of a single object, perhaps cut off."""
    first, *others = [line for line in start.split("\n") if line.strip()]
    if _is_object(first):
        return not others
    if others and any(map(_is_object, others[:2])):  # JSON Lines with a damaged first line
        return False
    return "\n" in start or not _begins_with_scalar(start)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _begins_with_scalar(start: str) -> bool:
    """Whether the first value of an object, perhaps cut off, is a scalar."""
    try:
        _, end = _DECODER.raw_decode(start[1:].lstrip())
    except ValueError:
        return True
    return start[1:].lstrip()[end:].lstrip(": \t\r\n")[:1] not in ("[", "{")


def _line_rows(path: Path, lines: IO[str]) -> Iterator[Row | BadRow]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield BadRow(number, f"not JSON ({error})")
            continue
        yield _row(number, values)


def _row(number: int, values: Any) -> Row | BadRow:
    if isinstance(values, dict):
        return Row(number, values)
    return BadRow(number, "not a JSON object")


def _array_rows(path: Path, file: IO[str]) -> Iterator[Row | BadRow]:
    """Yield the objects of an array, numbered from 1."""
    text = _Text(path, file)
    text.expect("[")
    number = 0
    while text.next_character() != "]":
        if number:
            text.expect(",")
        number += 1
        text.number = number
        yield _row(number, text.value())
    text.expect("]")
    if text.next_character():
        raise text.damaged("expected nothing after the array")


class _Text:
    """Reads JSON in pieces. The methods raise DataError with the number of the object."""

    def __init__(self, path: Path, file: IO[str]) -> None:
        self._path, self._file = path, file
        self._text, self._at = "", 0
        self.number = 0

    def next_character(self) -> str:
        """Return the next character that is not white space, "" at the end."""
        while True:
            while self._at < len(self._text):
                if not self._text[self._at].isspace():
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def expect(self, character: str) -> None:
        if self.next_character() != character:
            raise self.damaged(f"expected {character!r}")
        self._at += 1

    def value(self) -> Any:
        """Return the next value."""
        self.next_character()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
                if end < len(self._text) or not self._more():  # a number might have more digits
                    self._at = end
                    return value
            except (ValueError, RecursionError) as error:
                if isinstance(error, RecursionError) or not self._more():
                    raise self.damaged(getattr(error, "msg", str(error))) from error

    def damaged(self, reason: str) -> DataError:
        return DataError(f"{self._path} is not JSON at object {self.number or 1}: {reason}")

    def _more(self) -> bool:
        """Read more text, doubling the unused rest; False at the end."""
        self._text, self._at = self._text[self._at :], 0
        if len(self._text) > MAX_CHARACTERS:
            raise self.damaged(f"it has more than {MAX_CHARACTERS:,} characters")
        piece = self._file.read(max(_PIECE, len(self._text)))
        self._text += piece
        return bool(piece)


def _object_rows(path: Path, file: IO[str]) -> Iterator[Row | BadRow]:
    """Yield the rows of one object, which is read into memory."""
    text = file.read(MAX_JSON_CHARACTERS + 1)
    if len(text) > MAX_JSON_CHARACTERS:
        raise DataError(
            f"{path} is one JSON object of more than {MAX_JSON_CHARACTERS:,} characters: write one "
            f"object a line instead (in pandas: orient='records', lines=True)"
        )
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is not JSON ({error}): {_EXPECTED}") from error
    rows = _rows_of_object(value)
    if rows is None:
        several = [str(key) for key, item in value.items() if isinstance(item, list)]
        hint = f"; write {', '.join(several[:3])} to separate files" if len(several) > 1 else ""
        raise DataError(f"{path} is one JSON object with other contents: {_EXPECTED}{hint}")
    for number, row in enumerate(rows, start=1):
        yield _row(number, row)


def _rows_of_object(value: Mapping[str, Any]) -> list[Any] | None:
    """The rows of an object of columns, in the formats of pandas and others; else None."""
    values = list(value.values())
    if isinstance(value.get("columns"), list) and _is_table(value.get("data")):  # orient="split"
        names = [str(name) for name in value["columns"]]
        return [dict(zip(names, row, strict=False)) for row in value["data"]]
    tables = [item for item in values if isinstance(item, list) and item and _are_objects(item)]
    if len(tables) == 1:
        return tables[0]
    if all(isinstance(item, list) for item in values):
        if len({len(item) for item in values}) != 1:
            return None
        return [dict(zip(value, row, strict=True)) for row in zip(*values, strict=True)]
    if values and _are_objects(values):
        if all(name.isdigit() for name in value):  # orient="index"
            return values
        keys = list(values[0])
        if any(item.keys() != values[0].keys() for item in values):
            return None
        return [{name: column[key] for name, column in value.items()} for key in keys]
    return None if all(isinstance(item, dict | list) for item in values) else [value]


def _are_objects(items: list[Any]) -> bool:
    return all(isinstance(item, dict) for item in items)


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, list) for row in value)
