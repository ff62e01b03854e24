"""A table in box characters."""

from collections.abc import Sequence


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int], aligned: str
) -> list[str]:
    """The lines of a table.

    Args:
        header: The titles of the columns.
        rows: Cells; long ones take several lines.
        widths: Of the columns, with one blank on each side.
        aligned: One of "<", ">" and "^" for each column: left, right, centred.
    """
    titles = [wrap(cell, width - 2) for cell, width in zip(header, widths, strict=True)]
    height = max(map(len, titles))
    lowered = [[""] * (height - len(title)) + title for title in titles]
    lines = [_rule("┏━┳┓", widths), *_row(lowered, widths, aligned, "┃"), _rule("┡━╇┩", widths)]
    for i, row in enumerate(rows):
        lines += [_rule("├─┼┤", widths)] if i else []
        wrapped = [wrap(cell, width - 2) for cell, width in zip(row, widths, strict=True)]
        lines += _row(wrapped, widths, aligned, "│")
    return [*lines, _rule("└─┴┘", widths)]


def _rule(characters: str, widths: Sequence[int]) -> str:
    first, line, between, last = list(characters)
    return first + between.join(line * width for width in widths) + last


def _row(
    wrapped: Sequence[Sequence[str]], widths: Sequence[int], aligned: str, border: str
) -> list[str]:
    """The lines of a row from those of its cells."""
    lines = []
    for number in range(max(map(len, wrapped))):
        parts = []
        for i, (part, width) in enumerate(zip(wrapped, widths, strict=True)):
            text = part[number] if number < len(part) else ""
            parts.append(f" {text:{aligned[i]}{width - 2}} ")
        lines.append(border + border.join(parts) + border)
    return lines


def wrap(text: str, width: int) -> list[str]:
    """Break between words; words that are too long are cut."""
    lines: list[str] = []
    current: str | None = None
    for word in text.split(" "):
        candidate = word if current is None else f"{current} {word}"
        if current is not None and current.strip() and len(candidate) > width:
            lines.append(current)
            candidate = word
        current = candidate
    lines.append(current or "")
    return [line if len(line) <= width else line[: width - 1] + "…" for line in lines]
