"""Subwords: pieces trained on the training texts by SentencePiece (unigram model, Kudo 2018)."""

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
_MAX_TRAINING_TEXTS = 200_000  # more change little


@dataclass(frozen=True)
class Subwords:
    """A trained unigram model; `model` holds the bytes of its file."""

    model: bytes

    @classmethod
    def train(cls, texts: Iterable[str], pieces: int) -> "Subwords":
        """Train at most `pieces` pieces on normalised texts.

        Raises MissingExtraError without SentencePiece, DataError if the texts have too few letters.
        """
        sentencepiece = _package()
        model = io.BytesIO()
        sample = islice(texts, _MAX_TRAINING_TEXTS)
        lines = (line for text in sample for line in text.lower().split("\n"))
        try:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter(lines),
                model_writer=model,
                vocab_size=pieces,
                hard_vocab_limit=False,
                normalization_rule_name="identity",
                num_threads=1,  # the same texts give the same pieces
                minloglevel=2,
            )
        except RuntimeError as error:
            raise DataError(f"cannot train subwords on these texts: {error}") from error
        return cls(model.getvalue())

    def cut(self, text: str) -> bytes:
        """The pieces of a text in UTF-8, separated by spaces; "▁" begins a word."""
        pieces = self._processor.encode(text.lower(), out_type=str)
        return " ".join(pieces).encode("utf-8", "surrogatepass")

    @cached_property
    def _processor(self) -> Any:
        try:
            return _package().SentencePieceProcessor(model_proto=self.model)
        except RuntimeError as error:
            raise DataError("the subwords are damaged: not a SentencePiece model") from error


def _package() -> Any:
    try:
        import sentencepiece
    except ImportError as error:
        raise MissingExtraError(_INSTALL) from error
    return sentencepiece
