"""A model summary in the report's language; `summary.txt` is English.

The table of layers keeps its columns, which are Keras'; the counts below it are sentences.
"""

import re
import textwrap

from hoiquy.messages import Lang, format_number, text
from hoiquy.runs.files import Result

WIDTH = 76  # characters of a line
_TOTAL = "Total parameters:"
_NEVER_READ = "Never read:"
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")


def summary_words(summary: str, result: Result, lang: Lang) -> str:
    """The summary with numbers and sentences of the language, no line too long to print."""
    lines = summary.splitlines()
    if lang != "en":
        lines = [_line(line, result, lang) for line in lines]
    return "\n".join(_wrapped(line) for line in lines)


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
