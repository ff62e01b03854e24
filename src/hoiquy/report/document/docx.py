"""Blocks as a Word document, by python-docx."""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hoiquy.errors import MissingExtraError
from hoiquy.messages import Lang
from hoiquy.report.document.blocks import (
    Block,
    Bullets,
    Code,
    Fields,
    Heading,
    Notice,
    Paragraph,
    Picture,
    Pictures,
    Plain,
    Space,
    Table,
)
from hoiquy.report.document.docx_styles import PAGE_WIDTH, set_styles
from hoiquy.report.document.marks import pieces_of
from hoiquy.system.atomic_write import write_bytes

_LINES = 4  # to write remarks on by hand; one in a compact document
_LEADER = "." * 40  # of a field to be filled in by hand
_KEPT_TOGETHER = 24  # lines of code that are not broken over two pages
_ON_A_LINE = 108  # characters over the width of the page in the letters of tables
_MARGINS = 3  # characters in the width of the margins of a cell
_SHORT = 8  # characters of a text that is not broken between words
_WIDEST = 22  # characters that a column has on a line, where its words are short
_RANGE = re.compile(r"(?<=\d)–(?=\d)")  # of an interval: 87.25–88.06
_UNBROKEN = "\u2060–\u2060"  # with word joiners, which have no width
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # of a ZIP archive


@dataclass(frozen=True)
class Properties:
    """Title and author in the file's properties, the language of the spelling checker, the size."""

    title: str
    author: str
    lang: Lang
    compact: bool = False  # smaller letters and less space


def save_docx(blocks: Sequence[Block], path: Path, about: Properties) -> None:
    """Write the blocks as a .docx file into a folder that exists.

    The same blocks give the same bytes. Raises MissingExtraError without python-docx, WriteError if
    the file cannot be written.
    """
    document = _docx().Document()
    set_styles(document, about.lang, compact=about.compact)
    properties = document.core_properties
    properties.title, properties.author = _printable(about.title), _printable(about.author)
    properties.comments = ""
    for block in blocks:
        if isinstance(block, Space):
            for _ in range(1 if about.compact else _LINES):
                document.add_paragraph(_LEADER * 3, style="Room")
        else:
            _add(document, block)
    buffer = io.BytesIO()
    document.save(buffer)
    write_bytes(path, _without_dates(buffer.getvalue()))


def _docx() -> Any:
    try:
        import docx
    except ImportError as error:
        raise MissingExtraError(
            "writing .docx needs python-docx: pip install 'hoiquy[docx]', or write .html or .md"
        ) from error
    return docx


def _add(document: Any, block: Block) -> None:
    match block:
        case Heading(level, words):
            document.add_heading(_shown(words), 0 if level == 1 else level - 1)
        case Paragraph(words):
            _set(document.add_paragraph(), words)
        case Plain(words, with_next):
            paragraph = document.add_paragraph(_shown(words))
            paragraph.paragraph_format.keep_with_next = with_next or None
        case Notice(words):
            _set(document.add_paragraph(style="Intense Quote"), words)
        case Bullets(lines):
            for line in lines:
                _set(document.add_paragraph(style="List Bullet"), line)
        case Code(words):
            _add_code(document, words)
        case Picture(file, caption):
            _add_picture(document.add_paragraph(), file, PAGE_WIDTH)
            document.add_paragraph(_shown(caption), style="Caption")
        case Pictures(pictures):
            _add_side_by_side(document, pictures)
        case Table(header, rows):
            _add_table(document, header, rows)
        case Fields(lines):
            for label, value in lines:
                line = document.add_paragraph(style="Author")
                line.add_run(f"{label}: ").bold = True
                line.add_run(_printable(value) or _LEADER)


def _set(paragraph: Any, words: str) -> None:
    """Write a text with marks."""
    for piece in pieces_of(words):
        run = paragraph.add_run(_shown(piece.words))
        if piece.kind == "bold":
            run.bold = True
        elif piece.kind == "code":
            run.style = "Code Words"


def _add_code(document: Any, words: str) -> None:
    paragraph = document.add_paragraph(_printable(words.rstrip("\n")), style="Code")
    if words.count("\n") < _KEPT_TOGETHER:
        paragraph.paragraph_format.keep_together = True


def _add_picture(paragraph: Any, file: Path, width: int) -> None:
    paragraph.paragraph_format.keep_with_next = True  # its caption
    paragraph.add_run().add_picture(str(file), width=width)


def _add_side_by_side(document: Any, pictures: Sequence[Picture]) -> None:
    width = PAGE_WIDTH // len(pictures)
    table = document.add_table(rows=1, cols=len(pictures))
    table.autofit = False
    for column in table.columns:
        column.width = width
    _keep_row(table.rows[0])
    for cell, picture in zip(table.rows[0].cells, pictures, strict=True):
        cell.width = width
        _add_picture(cell.paragraphs[0], picture.file, width * 24 // 25)
        cell.add_paragraph(_shown(picture.caption), style="Caption")


def _add_table(document: Any, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(rows=1, cols=len(header), style="Table Grid")
    table.autofit = False
    widths = _column_widths([header, *rows])
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width  # LibreOffice reads these, Word those of the cells
    for line, cells in enumerate([header, *rows]):
        row = table.rows[0] if line == 0 else table.add_row()
        _keep_row(row)
        for cell, words, width in zip(row.cells, cells, widths, strict=True):
            cell.width = width
            cell.paragraphs[0].style = "Cell"
            cell.paragraphs[0].add_run(_shown(words)).bold = line == 0
    document.add_paragraph(style="Cell")  # two tables in a row would become one


def _column_widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """Widths in which no word and no short text is broken; long texts share what is left."""
    least, wished = [], []
    for column in zip(*rows, strict=True):
        word = max(len(word) for cell in column for word in cell.split() or [""])
        text = max(map(len, column))
        kept = max(word, min(text, _SHORT))
        least.append(_MARGINS + kept)
        wished.append(max(0, min(text, _WIDEST) - kept))
    left = max(0, _ON_A_LINE - sum(least)) / max(1, sum(wished))
    needed = [one + left * more for one, more in zip(least, wished, strict=True)]
    room = PAGE_WIDTH * 98 // 100  # the borders and margins of cells are beside it
    return [int(room * one / sum(needed)) for one in needed]


def _keep_row(row: Any) -> None:
    """Keep a row of a table on one page."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _shown(words: str) -> str:
    """The text for a paragraph, with ranges that are not broken at the end of a line."""
    return _RANGE.sub(_UNBROKEN, _printable(words))


def _printable(words: str) -> str:
    """The text without the control characters that XML cannot have."""
    return "".join(
        one
        for one in words
        if one in "\t\n" or " " <= one < "\ud800" or "\ue000" <= one < "\ufffe" or one > "\uffff"
    )


def _without_dates(archive: bytes) -> bytes:
    """The same ZIP archive with one date for all its files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as read, zipfile.ZipFile(buffer, "w") as written:
        for name in read.namelist():
            info = zipfile.ZipInfo(name, _FIRST_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(info, read.read(name))
    return buffer.getvalue()
