"""A new file for a trained run: what was said about the training table holds for it as well."""

import codecs
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hoiquy.data.labels.columns import named_columns
from hoiquy.data.labels.labelled_rows import TableOptions
from hoiquy.data.tables.formats import GZIP, is_table
from hoiquy.data.tables.read_errors import encoding_of
from hoiquy.data.tables.rows import looked_ahead, read_rows

_LOOKED_AT = 1_000_000  # bytes, to tell UTF-8 from other encodings
_GZIP_WINDOW = 31  # for zlib: expect a gzip header


def remembered(
    path: Path,
    said: TableOptions,
    kept: TableOptions,
    say: Callable[[str], None] = lambda line: None,
    labelled: bool = False,
) -> TableOptions:
    """`said` with what `kept` adds where nothing is said and the new file has it.

    Header and quoting are taken over; a column if the new file has it; the encoding if the new file
    is not UTF-8, which no other text is by accident, and has no byte order mark. say: called with a
    line that names a column which is missing, that of the label only if `labelled`. Raises
    DataError as `read_rows` does.
    """
    if said.encoding is None and kept.encoding is not None and not _tells_its_encoding(path):
        said = replace(said, encoding=kept.encoding)
    said = replace(said, header=said.header or kept.header, quoting=said.quoting or kept.quoting)
    if not is_table(path) or (kept.text is None and kept.label is None):
        return said
    good, _ = looked_ahead(read_rows(path, said.file))
    names = {name for row in good for name in row} - {said.text, said.label}
    text = kept.text if said.text is None and kept.text in names else said.text
    there = kept.label is not None and named_columns(kept.label, list(names)) is not None
    label = kept.label if said.label is None and there else said.label
    if said.label_separator is None and label == kept.label:
        said = replace(said, label_separator=kept.label_separator)
    wanted = [(kept.text, text), *([(kept.label, label)] if labelled else [])]
    for name, chosen in wanted:
        if good and name is not None and chosen is None:
            say(f"{path} has no column {name!r}, which the training read: another is chosen")
    return replace(said, text=text, label=label)


def _tells_its_encoding(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(_LOOKED_AT)
    except OSError:  # whoever reads it will say so
        return True
    if start.startswith(GZIP):
        try:
            start = zlib.decompressobj(_GZIP_WINDOW).decompress(start, _LOOKED_AT)
        except zlib.error:  # the reader reports it
            return True
    decoder = codecs.getincrementaldecoder(encoding_of(start[:4], None))()
    try:
        decoder.decode(start)  # a character that is cut at the end is no error
    except UnicodeError:
        return False
    return True
