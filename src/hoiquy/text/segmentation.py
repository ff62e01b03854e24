"""Vietnamese words from syllables ("học sinh" → "học_sinh"), by an optional package."""

from collections.abc import Callable
from functools import cache
from typing import Literal

from hoiquy.errors import MissingExtraError

Segmentation = Literal["none", "underthesea", "pyvi"]


@cache
def segmenter(name: Segmentation) -> Callable[[str], str]:
    """Return a function that segments a text. Raises MissingExtraError without its package."""
    try:
        if name == "underthesea":
            from underthesea import word_tokenize

            return lambda text: str(word_tokenize(text, format="text"))
        if name == "pyvi":
            from pyvi import ViTokenizer

            return lambda text: str(ViTokenizer.tokenize(text))
    except ImportError as error:
        raise MissingExtraError(
            f"text.segmentation = {name!r} needs the package {name}: pip install {name}"
        ) from error
    return lambda text: text
