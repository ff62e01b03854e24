"""Words cut into pieces that are learnt from the training texts (Kudo 2018), by SentencePiece."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from hoiquy.errors import DataError, MissingExtraError

_INSTALL = (
    "text.tokenizer = 'subword' needs the package sentencepiece: pip install 'hoiquy[subword]'"
)
_MOST_TEXTS = 200_000  # to learn from; more change little


@dataclass(frozen=True)
class Subwords:
    """A trained unigram model; `model` is its file's bytes."""

    model: bytes

    @classmethod
    def train(cls, texts: Iterable[str], pieces: int) -> "Subwords":
        """Learn at most `pieces` pieces from texts, which are normalised already.

        One thread, so that the same texts give the same pieces. Raises MissingExtraError without
        SentencePiece, DataError if the texts have too few letters.
        """
        sentencepiece = _package()
        model = io.BytesIO()
        lines = (line for text in islice(texts, _MOST_TEXTS) for line in text.lower().split("\n"))
        try:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter(lines),
                model_writer=model,
                vocab_size=pieces,
                hard_vocab_limit=False,
                normalization_rule_name="identity",
                num_threads=1,
                minloglevel=2,
            )
        except RuntimeError as error:
            raise DataError(f"no subwords can be learnt from these texts: {error}") from error
        return cls(model.getvalue())

    def cut(self, text: str) -> bytes:
        """The pieces of a text in UTF-8, with spaces between them; "▁" begins a word."""
        pieces = self._processor.encode(text.lower(), out_type=str)
        return " ".join(pieces).encode("utf-8", "surrogatepass")

    @cached_property
    def _processor(self) -> Any:
        try:
            return _package().SentencePieceProcessor(model_proto=self.model)
        except RuntimeError as error:
            raise DataError("the subwords are damaged: no SentencePiece model") from error


def _package() -> Any:
    try:
        import sentencepiece
    except ImportError as error:
        raise MissingExtraError(_INSTALL) from error
    return sentencepiece
