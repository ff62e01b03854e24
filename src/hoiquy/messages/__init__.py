"""All messages, in Vietnamese and English: gettext catalogues, read with Babel."""

from hoiquy.messages.catalogue import catalogue, text
from hoiquy.messages.language import (
    default_language,
    language_of,
    language_option,
    set_language,
)
from hoiquy.messages.number_format import LANGUAGES, Lang, format_number
from hoiquy.messages.sentences import translated

__all__ = [
    "LANGUAGES",
    "Lang",
    "catalogue",
    "default_language",
    "format_number",
    "language_of",
    "language_option",
    "set_language",
    "text",
    "translated",
]
