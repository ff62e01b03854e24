"""Applies the table options of a run to a new table."""

import codecs
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hoiquy.data.labels.columns import named_columns
from hoiquy.data.labels.labelled_rows import TableOptions
from hoiquy.data.tables.formats import GZIP, is_table
from hoiquy.data.tables.read_errors import encoding_of
from hoiquy.data.tables.rows import peek_rows, read_rows

_SAMPLE_BYTES = 1_000_000  # to check whether a file is UTF-8
_GZIP_WINDOW = 31  # makes zlib expect a gzip header


def with_run_options(
    path: Path,
    options: TableOptions,
    saved: TableOptions,
    say: Callable[[str], None] = lambda line: None,
    labelled: bool = False,
) -> TableOptions:
    """Complete the options for a new table by those of a run.

    Args:
        path: The new table.
        options: Options that the user set; they take precedence.
        saved: Options of the run. Header and quoting apply; a column if the table has it; the
            encoding if the table is neither UTF-8 nor has a byte order mark.
        say: Called with a line that names a missing column.
        labelled: Whether to report a missing label column, too.

    Raises:
        DataError: As `read_rows`.
    """
    if options.encoding is None and saved.encoding is not None and not _is_unicode(path):
        options = replace(options, encoding=saved.encoding)
    header, quoting = options.header or saved.header, options.quoting or saved.quoting
    options = replace(options, header=header, quoting=quoting)
    if not is_table(path) or (saved.text is None and saved.label is None):
        return options
    good, _ = peek_rows(read_rows(path, options.file))
    names = {name for row in good for name in row} - {options.text, options.label}
    text = saved.text if options.text is None and saved.text in names else options.text
    has_label = saved.label is not None and named_columns(saved.label, list(names)) is not None
    label = saved.label if options.label is None and has_label else options.label
    if options.label_separator is None and label == saved.label:
        options = replace(options, label_separator=saved.label_separator)
    columns = [(saved.text, text), *([(saved.label, label)] if labelled else [])]
    for name, chosen in columns:
        if good and name is not None and chosen is None:
            say(f"{path} has no column {name!r}, which the run was trained on: another is chosen")
    return replace(options, text=text, label=label)


def _is_unicode(path: Path) -> bool:
    """Whether a file is UTF-8 or has a byte order mark; True if it cannot be read."""
    try:
        with path.open("rb") as file:
            start = file.read(_SAMPLE_BYTES)
    except OSError:  # reading it reports the error
        return True
    if start.startswith(GZIP):
        try:
            start = zlib.decompressobj(_GZIP_WINDOW).decompress(start, _SAMPLE_BYTES)
        except zlib.error:  # reading it reports the error
            return True
    decoder = codecs.getincrementaldecoder(encoding_of(start[:4], None))()
    try:
        decoder.decode(start)  # incremental: a character cut off at the end is valid
    except UnicodeError:
        return False
    return True
