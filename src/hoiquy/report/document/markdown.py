"""Blocks as Markdown."""

import re
from collections.abc import Sequence
from pathlib import Path

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
from hoiquy.report.markdown import bullets, code_block, image, relative_link, table

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#])")
_BLANK = "…" * 12  # to be filled in by hand


def to_markdown(blocks: Sequence[Block], folder: Path) -> str:
    """The blocks as a page that lies in `folder`, to which the links of pictures are relative."""
    return "\n\n".join(filter(None, (_written(block, folder) for block in blocks))) + "\n"


def escaped(words: str) -> str:
    """A text from data or from the student, in which nothing is a mark."""
    unmarked = _SPECIAL.sub(r"\\\1", words)
    return re.sub(r"^(\d*)([.)+=-])", r"\1\\\2", unmarked)  # the start of a list or heading


def _written(block: Block, folder: Path) -> str:
    match block:
        case Heading(level, words):
            return f"{'#' * level} {words}"
        case Paragraph(words):
            return words
        case Plain(words):
            return escaped(words)
        case Notice(words):
            return f"> {words}"
        case Bullets(lines):
            return bullets(lines)
        case Code(words, language):
            return code_block(words, language)
        case Picture(file, caption):
            return image(caption, relative_link(file, folder))
        case Pictures(pictures):
            return "\n\n".join(_written(one, folder) for one in pictures)
        case Table(header, rows):
            return table(header, rows)
        case Fields(lines):
            filled = [f"**{label}:** {escaped(value) or _BLANK}" for label, value in lines]
            return "  \n".join(filled)
        case Space():
            return ""
