"""Texts by key, from the catalogues `locale/<language>/LC_MESSAGES/*.po`.

The key ("remark.at_chance") is the msgid in both languages. The `.po` files are read directly,
without compilation.
"""

import string
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from hoiquy.errors import InputError
from hoiquy.messages.number_format import LANGUAGES, Lang, format_number


def text(key: str, lang: Lang, **values: Any) -> str:
    """Return the text `key` ("remark.at_chance") in `lang`, with its placeholders filled.

    A placeholder may name a number style of `format_number`: `{accuracy:percent2}`.
    Raises KeyError for an unknown key or a missing value: an internal error.
    """
    template = catalogue(lang)[key]
    return _Formatter(lang).vformat(template, (), values)


@cache
def catalogue(lang: Lang) -> Mapping[str, str]:
    """All templates of one language by key. Raises InputError for an unknown language."""
    from babel.messages.pofile import read_po

    if lang not in LANGUAGES:
        raise InputError(f"unknown language {lang!r}; known: {', '.join(LANGUAGES)}")
    folder = resources.files("hoiquy.messages").joinpath("locale", lang, "LC_MESSAGES")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".po")), key=lambda f: f.name)
    templates: dict[str, str] = {}
    for file in files:
        with file.open("rb") as content:
            messages = read_po(content, locale=lang, abort_invalid=True)
        templates |= {str(m.id): str(m.string) for m in messages if m.id}
    return templates


class _Formatter(string.Formatter):
    """str.format, with the number styles of one language as format specifications."""

    def __init__(self, lang: Lang) -> None:
        self._lang = lang

    def format_field(self, value: Any, format_spec: str) -> Any:
        if not format_spec:
            return str(value)
        return format_number(value, format_spec, self._lang)
