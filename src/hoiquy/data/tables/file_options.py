"""Options of a table file: encoding, header, quoting."""

from dataclasses import dataclass

from hoiquy.errors import InputError

HEADER = ("auto", "yes", "no")
QUOTING = ("auto", "standard", "backslash", "none")


@dataclass(frozen=True)
class FileOptions:
    """How to read a table file; None and "auto" are detected.

    encoding: of text files; by default that of a byte order mark, else UTF-8.
    header: "yes" or "no", whether the first row of CSV, TSV or Excel is a header.
    quoting: of CSV and TSV; "standard" (quotes around a cell, doubled inside), "backslash" (\\" is
    a quote inside a cell) or "none" (quotes are text). Raises InputError for other values.
    """

    encoding: str | None = None
    header: str | None = None
    quoting: str | None = None

    def __post_init__(self) -> None:
        for name, allowed in (("header", HEADER), ("quoting", QUOTING)):
            value = getattr(self, name)
            if value is not None and value not in allowed:
                raise InputError(f"{name} is {value!r}, expected one of {', '.join(allowed)}")
            if value == "auto":
                object.__setattr__(self, name, None)


DEFAULT_FILE_OPTIONS = FileOptions()
