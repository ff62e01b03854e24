"""Supported table formats; recognises other files by their first bytes."""

import json
from pathlib import Path

from hoiquy.errors import DataError

_TEXT = (".csv", ".tsv", ".jsonl", ".ndjson", ".json")
FORMATS = (*_TEXT, ".parquet", ".arrow", ".feather", ".xlsx", *(f"{name}.gz" for name in _TEXT))
JSON = (".jsonl", ".ndjson", ".json")
HEAD_BYTES = 65_536  # inspected to recognise a file
GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"

# Magic bytes, kind of file, remedy.
_KINDS = (
    (b"PAR1\x15", "a Parquet file", "rename it to end in .parquet"),
    (b"ARROW1\0\0", "an Arrow file", "rename it to end in .arrow"),
    (_ZIP + b"\x14\x00\x06\x00", "an Excel workbook", "rename it to end in .xlsx"),
    (_ZIP, "a zip archive or an Excel workbook", "unpack it, or rename it to end in .xlsx"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file", "save it as .xlsx or .csv"),
    (b"%PDF-", "a PDF file", "export its text as .csv"),
    (GZIP, "compressed with gzip", "unpack it"),
    (b"BZh91AY&SY", "compressed with bzip2", "unpack it, or compress it with gzip"),
    (b"\xfd7zXZ", "compressed with xz", "unpack it, or compress it with gzip"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "unpack it, or compress it with gzip"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it"),
    (b"Rar!\x1a\x07", "a rar archive", "unpack it"),
    (b"SQLite format 3", "an SQLite database", "export a table as .csv"),
    (b"\x93NUMPY", "a NumPy array", "write it as .csv or .parquet"),
    (b"\x89HDF", "an HDF5 file", "write it as .csv or .parquet"),
    (b"version https://git-lfs", "a Git LFS pointer", "fetch the file itself: git lfs pull"),
)
_PAGES = (b"<!doctype html", b"<html", b"<head", b"<?xml")


def is_table(path: str | Path) -> bool:
    """Whether a file has the extension of a table."""
    return str(path).lower().endswith(FORMATS)


def format_of(path: Path) -> str:
    """Return the extension in lower case without .gz. Raises DataError for other files."""
    name = path.name.lower()
    if not name.endswith(FORMATS):
        raise DataError(f"{path}: expected a file with the extension {', '.join(FORMATS)}")
    return Path(name.removesuffix(".gz")).suffix


def check_text(head: bytes, source: str, json_is_text: bool = False) -> None:
    """Raise DataError if a file that should be text is something else.

    head: its first bytes, at most HEAD_BYTES. json_is_text: whether JSON is expected.
    """
    for magic, kind, remedy in _KINDS:
        if head.startswith(magic):
            raise DataError(f"{source} is {kind}, not text: {remedy}")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:20].lower().startswith(_PAGES):
        raise DataError(
            f"{source} is a web page or XML, not a table: download the file itself, or export it "
            f"as .csv"
        )
    if not json_is_text and _is_json(start):
        raise DataError(f"{source} holds JSON: rename it to end in .json")


def _is_json(start: bytes) -> bool:
    """Whether a text begins with a JSON object, or with an array of objects."""
    if start[:1] not in (b"{", b"["):
        return False
    text = start.decode("utf-8", "replace")
    inner = text[1:].lstrip()
    if text[0] == "[":
        return inner.startswith("{") and inner[1:].lstrip()[:1] in ('"', "}")
    if not inner.startswith('"'):
        return False
    try:
        _, end = json.JSONDecoder().raw_decode(inner)
    except ValueError:
        return False
    return inner[end:].lstrip().startswith(":")


def encoding_without_mark(head: bytes) -> str | None:
    """Detect UTF-16 or UTF-32 without byte order mark by zero bytes; None for others."""
    head = head[: len(head) // 4 * 4]
    first, second, third, fourth = (head[at::4].count(0) > 0.1 * len(head) for at in range(4))
    return {
        (False, True, False, True): "utf-16-le",
        (True, False, True, False): "utf-16-be",
        (False, True, True, True): "utf-32-le",
        (True, True, True, False): "utf-32-be",
    }.get((first, second, third, fourth))
