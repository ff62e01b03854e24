"""Which index starts a document, stands for unknown words, and belongs to the first word."""

from dataclasses import dataclass
from typing import Literal

from hoiquy.errors import DataError
from hoiquy.nn.reserved_indices import PAD


@dataclass(frozen=True)
class IndexScheme:
    """How words are numbered; index 0 always pads.

    start: what each document begins with; None for nothing.
    unknown: what any word that is not kept becomes; None where such a word is dropped.
    first_word: the index of the most frequent word; the others follow.
    Raises DataError unless start and unknown are different indices between 0 and first_word.
    """

    start: int | None = 1
    unknown: int | None = 2
    first_word: int = 4

    def __post_init__(self) -> None:
        special = [index for index in (self.start, self.unknown) if index is not None]
        apart = len(set(special)) == len(special)
        if not apart or self.first_word <= max(special, default=PAD) or min(special, default=1) < 1:
            raise DataError(
                f"start {self.start}, unknown {self.unknown}, first word {self.first_word}: "
                f"expected different indices from 1, the first word's last"
            )


IMDB = IndexScheme()  # of Keras' IMDB data, and of hoiquy's own networks

Numbering = Literal["imdb", "tokenizer", "tokenizer-oov", "text-vectorization"]
# Of Keras' preprocessing; the old Tokenizer drops unknown words unless it has an oov_token.
SCHEMES: dict[Numbering, IndexScheme] = {
    "imdb": IMDB,
    "tokenizer": IndexScheme(None, None, 1),
    "tokenizer-oov": IndexScheme(None, 1, 2),
    "text-vectorization": IndexScheme(None, 1, 2),
}
