"""How a text becomes words: normalised, perhaps segmented, then cut. It belongs to the model.

The same rules make the vocabulary, encode for training and serving, and go with an exported model.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from hoiquy.text.segmentation import Segmentation, segmenter
from hoiquy.text.subwords import Subwords
from hoiquy.text.tokens import spaced
from hoiquy.text.unicode_words import unicode_words
from hoiquy.text.vietnamese import normalize_vietnamese
from hoiquy.text.whitespace import whitespace_words

Normalization = Literal["none", "nfc", "vietnamese"]
TokenizerKind = Literal[
    "keras", "unicode", "unicode+punctuation", "characters", "subword",
    "whitespace", "whitespace+lower", "whitespace+strip", "whitespace+lower+strip",
]  # fmt: skip

UNICODE = {"unicode": False, "unicode+punctuation": True}  # whether punctuation is words, too

_BLANK = "▁"  # stands for white space where characters are words


@dataclass(frozen=True)
class Tokenizer:
    """What happens to a text before it is looked up in the vocabulary.

    normalization: "none" leaves the text as it is; "nfc" composes Unicode; "vietnamese" composes it
    and brings it to one spelling (`vietnamese.py`).
    segmentation: joins the syllables of Vietnamese words with "_", by an optional package.
    tokenizer: "keras" is the lab's rule, "unicode" words of any language (`unicode_words.py`), and
    with "unicode+punctuation" sentences' marks are words as well; "characters" and "subword" are
    what they say. These lower-case the text. "whitespace" splits as Keras' TextVectorization does
    (`whitespace.py`): with "+lower" in lower case, with "+strip" without punctuation.
    subwords: the trained pieces, for "subword" only.
    """

    normalization: Normalization = "none"
    tokenizer: TokenizerKind = "keras"
    segmentation: Segmentation = "none"
    subwords: Subwords | None = field(default=None, compare=False, repr=False)

    def normalized(self, text: str) -> str:
        """The text after normalisation and segmentation."""
        if self.normalization != "none":
            text = unicodedata.normalize("NFC", text)
        if self.segmentation != "none":
            text = segmenter(self.segmentation)(text)
        # last, since a segmenter has a spelling of its own
        return normalize_vietnamese(text) if self.normalization == "vietnamese" else text

    def spaced(self, text: str) -> bytes:
        """The words of a text in UTF-8, with one or more spaces between them.

        Raises MissingExtraError if the segmentation's package is not installed.
        """
        return self._cut()(self.normalized(text))

    def words(self, text: str) -> list[str]:
        """The words of a text, in order; none is empty."""
        return list(filter(None, self.spaced(text).decode("utf-8", "surrogatepass").split(" ")))

    def _cut(self) -> Callable[[str], bytes]:
        if self.tokenizer in UNICODE:
            return partial(unicode_words, punctuation=UNICODE[self.tokenizer])
        if self.tokenizer == "characters":
            return _characters
        if self.tokenizer == "subword":
            assert self.subwords is not None, "subwords are trained before texts are cut"
            return self.subwords.cut
        if self.tokenizer.startswith("whitespace"):
            options = self.tokenizer.split("+")
            return partial(whitespace_words, lower="lower" in options, strip="strip" in options)
        return spaced


def _characters(text: str) -> bytes:
    words = [" ".join(word) + f" {_BLANK}" for word in text.lower().split()]
    return " ".join(words).encode("utf-8", "surrogatepass")


LAB = Tokenizer()
