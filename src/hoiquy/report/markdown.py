"""Markdown elements of the report."""

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table; bars inside cells are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def image(caption: str, link: str) -> str:
    """Return an image with its caption below, which is also its alternative text."""
    return f"![{caption}]({link})\n\n*{caption}*"


def relative_link(target: Path, folder: Path) -> str:
    """Return a link from a page in `folder` to `target` that survives moving both together."""
    return quote(Path(os.path.relpath(target, folder)).as_posix())


def code_block(content: str, language: str = "text") -> str:
    """Return a block of code; the fence is longer than any run of backticks inside."""
    fence = "```"
    while fence in content:
        fence += "`"
    return f"{fence}{language}\n{content.rstrip()}\n{fence}"


def bullets(lines: Sequence[str]) -> str:
    """Return a list, one item per line."""
    return "\n".join(f"- {line}" for line in lines)
