"""Every text for people, in Vietnamese and English: gettext catalogues, read with Babel."""

from hoiquy.messages.catalogue import catalogue, text
from hoiquy.messages.number_format import LANGUAGES, Lang, format_number

__all__ = ["LANGUAGES", "Lang", "catalogue", "format_number", "text"]
