"""Which language to speak where nobody says: the one that was set, else that of the locale."""

import os

from hoiquy.errors import InputError
from hoiquy.messages.number_format import LANGUAGES, Lang

_chosen: list[Lang] = []  # empty until `set_language`


def set_language(lang: Lang) -> None:
    """Speak `lang` ("vi" or "en") from now on wherever no language is given.

    Raises InputError for an unknown language.
    """
    if lang not in LANGUAGES:
        raise InputError(f"unknown language {lang!r}; known: {', '.join(LANGUAGES)}")
    _chosen[:] = [lang]


def default_language() -> Lang:
    """What `set_language` chose; else vi where the environment speaks Vietnamese, else en."""
    if _chosen:
        return _chosen[0]
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return "vi" if value.lower().startswith("vi") else "en"
    return "en"
