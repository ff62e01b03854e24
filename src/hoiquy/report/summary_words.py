"""A model summary in the report's language; `summary.txt` is English.

The table of layers keeps its columns, which are Keras'; the counts below it are sentences. An
ensemble has a table of members and a sentence.
"""

import re
import textwrap
from collections.abc import Sequence

from hoiquy.messages import Lang, format_number, text, translated
from hoiquy.runs.files import Result

WIDTH = 76  # characters of a line
_TOTAL = "Total parameters:"
_NEVER_READ = "Never read:"
_MEMBER = re.compile(r"(\S.*?) +([\d.]+) +(\d+) +([\d,]+)")  # name, weight, models, parameters
_HEADER = ("ensemble.member", "ensemble.weight", "ensemble.models", "table.parameters")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")


def summary_words(summary: str, result: Result, lang: Lang) -> str:
    """The summary with numbers and sentences of the language, no line too long to print."""
    lines = summary.splitlines()
    if lang != "en" and result.is_ensemble:
        return "\n".join(_members(lines, lang))
    if lang != "en":
        lines = [_line(line, result, lang) for line in lines]
    return "\n".join(_wrapped(line) for line in lines)


def _members(lines: Sequence[str], lang: Lang) -> list[str]:
    """The table of members in the language, and the lines below it."""
    rows = [_MEMBER.fullmatch(line) for line in lines]
    table = [[text(key, lang) for key in _HEADER]]
    for row in filter(None, rows):
        name, weight, models, parameters = row.groups()
        table.append(
            [
                text("ensemble.linear", lang) if name == "linear" else name,
                format_number(float(weight), "decimal2", lang),
                models,
                _localised(parameters, lang),
            ]
        )
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    made = [
        "  ".join([f"{cells[0]:<{widths[0]}}", *map(str.rjust, cells[1:], widths[1:])])
        for cells in table
    ]
    below = [line for line, row in zip(lines[1:], rows[1:], strict=True) if row is None]
    return [*made, *(translated(line, lang) for line in below)]


def _wrapped(line: str) -> str:
    if len(line) <= WIDTH or not line[:1].isalpha():  # a row of the table
        return line
    return textwrap.fill(line, WIDTH, subsequent_indent="  ", break_long_words=False)


def _line(line: str, result: Result, lang: Lang) -> str:
    parameters, unreachable = result.parameters, result.unreachable_parameters
    if line.startswith(_TOTAL):
        return text("summary_words.total", lang, parameters=parameters)
    if line.startswith(_NEVER_READ) and parameters:
        return text(
            "summary_words.never_read",
            lang,
            unreachable=unreachable,
            share=unreachable / parameters,
            trained=parameters - unreachable,
        )
    return _THOUSANDS.sub(lambda found: _localised(found[0], lang), line)


def _localised(number: str, lang: Lang) -> str:
    return format_number(int(number.replace(",", "")), "integer", lang)
