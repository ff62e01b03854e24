"""Reserved indices: start token, unknown words, and the index of the first word."""

from dataclasses import dataclass
from typing import Literal

from hoiquy.errors import DataError
from hoiquy.nn.reserved_indices import PAD


@dataclass(frozen=True)
class IndexScheme:
    """How words map to indices; index 0 is padding.

    start: start token of each document; None for none.
    unknown: index of words that are not in the vocabulary; None drops them.
    first_word: index of the most frequent word; the others follow.
    Raises DataError unless start and unknown are different indices from 1 to first_word - 1.
    """

    start: int | None = 1
    unknown: int | None = 2
    first_word: int = 4

    def __post_init__(self) -> None:
        special = [index for index in (self.start, self.unknown) if index is not None]
        in_range = self.first_word > PAD and all(PAD < i < self.first_word for i in special)
        if not in_range or len(set(special)) < len(special):
            raise DataError(
                f"start {self.start}, unknown {self.unknown}, first word {self.first_word}: "
                f"expected different indices of 1 or more, the first word's the largest"
            )


IMDB = IndexScheme()  # as in Keras' IMDB data; hoiquy's default

Numbering = Literal["imdb", "tokenizer", "tokenizer-oov", "text-vectorization"]
# Keras' preprocessing; the old Tokenizer drops unknown words unless it has an oov_token.
SCHEMES: dict[Numbering, IndexScheme] = {
    "imdb": IMDB,
    "tokenizer": IndexScheme(None, None, 1),
    "tokenizer-oov": IndexScheme(None, 1, 2),
    "text-vectorization": IndexScheme(None, 1, 2),
}
