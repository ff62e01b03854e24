"""Every text of the reports, in Vietnamese and English, from `messages_vi.toml` and `_en.toml`."""

import string
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from hoiquy.errors import InputError
from hoiquy.report.number_format import LANGUAGES, Lang, format_number


def text(key: str, lang: Lang, **values: Any) -> str:
    """Return the text `key` ("remark.chance") in `lang`, with its placeholders filled.

    A placeholder may name a number style of `format_number`: `{accuracy:percent2}`.
    Raises KeyError for an unknown key or a missing value: a mistake in the program, not of users.
    """
    template = catalogue(lang)[key]
    return _Formatter(lang).vformat(template, (), values)


@cache
def catalogue(lang: Lang) -> Mapping[str, str]:
    """All templates of one language by dotted key. Raises InputError for an unknown language."""
    if lang not in LANGUAGES:
        raise InputError(f"unknown language {lang!r}; known: {', '.join(LANGUAGES)}")
    source = resources.files("hoiquy.report").joinpath(f"messages_{lang}.toml")
    tables = tomllib.loads(source.read_text(encoding="utf-8"))
    return {
        f"{table}.{key}": template
        for table, templates in tables.items()
        for key, template in templates.items()
    }


class _Formatter(string.Formatter):
    """str.format, with the number styles of one language as format specifications."""

    def __init__(self, lang: Lang) -> None:
        self._lang = lang

    def format_field(self, value: Any, format_spec: str) -> Any:
        if not format_spec:
            return str(value)
        return format_number(value, format_spec, self._lang)
