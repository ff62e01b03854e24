"""How a table on disk is to be read."""

from dataclasses import dataclass

from hoiquy.errors import InputError

HEADER = ("auto", "yes", "no")
QUOTING = ("auto", "standard", "backslash", "none")


@dataclass(frozen=True)
class FileOptions:
    """How the text of a file becomes rows; None and "auto" are detected.

    encoding: of text files; by default what a byte order mark says, else UTF-8.
    header: "yes" or "no", whether the first row of CSV, TSV or Excel holds the column names.
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


AS_WRITTEN = FileOptions()
