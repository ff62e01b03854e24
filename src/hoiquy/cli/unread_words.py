"""A note of `hoiquy predict` on texts that have no words, or mostly unknown ones."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hoiquy.data.unlabelled.rows import Document
    from hoiquy.messages import Lang
    from hoiquy.prediction.text_classifier import Documents, TextClassifier

_MOST_NAMED = 5  # texts


class UnreadWords:
    """Counts the words of texts, chunk by chunk.

    of_lines: whether the texts are named by their lines or rows, not by their order.
    """

    def __init__(self, classifier: "TextClassifier", lang: "Lang", of_lines: bool = False) -> None:
        self._classifier, self._lang = classifier, lang
        self._which = "predict.which_lines" if of_lines else "predict.which_texts"
        self._texts = 0
        self._words = self._unknown = 0  # of the last text
        self._without_words: list[int] = []  # numbers of texts
        self._mostly_unknown: list[int] = []

    def add(self, chunk: "Sequence[Document]", texts: "Documents") -> None:
        """Count the words of documents. texts: the same, from `TextClassifier.joined`."""
        from hoiquy.prediction.word_counts import word_counts

        counts = word_counts(self._classifier, texts)
        self._texts += len(chunk)
        self._words, self._unknown = int(counts.words[-1]), int(counts.unknown[-1])
        for numbers, which in (
            (self._without_words, counts.without_words),
            (self._mostly_unknown, counts.mostly_unknown),
        ):
            numbers += [chunk[at].line for at in which.nonzero()[0].tolist()]

    def notes(self) -> list[str]:
        """The notes on all texts since the last call."""
        found = list(self._notes())
        self._texts = 0
        self._without_words, self._mostly_unknown = [], []
        return found

    def _notes(self) -> "list[str]":
        from hoiquy.messages import text

        if self._texts == 1:
            if self._without_words:
                return [text("predict.no_words", self._lang)]
            values = {"unknown": self._unknown, "words": self._words}
            found = self._mostly_unknown
            return [text("predict.mostly_unknown", self._lang, **values)] if found else []
        return [
            text(
                f"predict.{key}", self._lang, count=len(numbers), texts=self._texts,
                which=text(self._which, self._lang, numbers=_some(numbers)),
            )
            for key, numbers in (
                ("texts_without_words", self._without_words),
                ("texts_mostly_unknown", self._mostly_unknown),
            )
            if numbers
        ]  # fmt: skip


def _some(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:_MOST_NAMED]))
    return f"{shown} …" if len(numbers) > _MOST_NAMED else shown
