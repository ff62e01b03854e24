"""All messages, in Vietnamese and English: gettext catalogues, read with Babel."""

from hoiquy.messages.catalogue import catalogue, text
from hoiquy.messages.language import default_language, set_language
from hoiquy.messages.number_format import LANGUAGES, Lang, format_number

__all__ = [
    "LANGUAGES",
    "Lang",
    "catalogue",
    "default_language",
    "format_number",
    "set_language",
    "text",
]
