"""The default language: the one that was set, otherwise HOIQUY_LANG or that of the locale."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from hoiquy.errors import InputError
from hoiquy.messages.number_format import LANGUAGES, Lang

_chosen: list[Lang] = []  # empty until `set_language`


def set_language(lang: Lang) -> None:
    """Set the default language, "vi" or "en".

    Raises InputError for an unknown language.
    """
    if lang not in LANGUAGES:
        raise InputError(f"unknown language {lang!r}; known: {', '.join(LANGUAGES)}")
    _chosen[:] = [lang]


def default_language() -> Lang:
    """The language of `set_language`; otherwise vi for HOIQUY_LANG=vi or a Vietnamese locale."""
    return _chosen[0] if _chosen else _language_of_environment()


def language_option(lang: Lang) -> str:
    """The option, after a space, that a command needs to speak this language; often none."""
    return "" if lang == _language_of_environment() else f" --lang {lang}"


def _language_of_environment() -> Lang:
    for variable in ("HOIQUY_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return "vi" if value.lower().startswith("vi") else "en"
    return "en"


@contextmanager
def language_of(lang: Lang | None) -> Iterator[None]:
    """Set the default language, None for no change; restore it afterwards."""
    before = list(_chosen)
    if lang is not None:
        set_language(lang)
    try:
        yield
    finally:
        _chosen[:] = before
