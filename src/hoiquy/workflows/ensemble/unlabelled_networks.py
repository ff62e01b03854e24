"""What the networks of an ensemble learn from texts without labels."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset
from hoiquy.data.stored_texts import StoredTexts
from hoiquy.events import Listener, Preparing
from hoiquy.linear.lsa import LatentSpace
from hoiquy.prediction.ensemble import EnsemblePredictor
from hoiquy.recipe.recipe import Recipe
from hoiquy.recipe.tokenizer import build_tokenizer
from hoiquy.workflows.ensemble.lsa import LsaTraining
from hoiquy.workflows.ensemble.network import EncodedFolds
from hoiquy.workflows.ensemble.pretrained import language_model, pretrained_recipe, tokenizer_of
from hoiquy.workflows.ensemble.students import (
    SOFT_LABELS,
    labelled_texts,
    rows_of_fold,
    texts_to_label,
)
from hoiquy.workflows.pretraining.initialise import LanguageModelStart
from hoiquy.workflows.transfer import Transfer
from hoiquy.workflows.unlabelled_texts import UnlabelledTexts

_MOST_CHARACTERS = 50_000_000  # of texts that are analysed: a minute


@dataclass
class UnlabelledNetworks:
    """A language model of the texts, and soft labels of some of them.

    Attributes:
        folder: Of the run.
        dataset: With its test documents.
        plain: The training documents with their folds.
        texts: Those without labels.
        base: The recipe `auto` for the data set.
        on_event: Hears of the training.
    """

    folder: Path
    dataset: Dataset
    plain: EncodedFolds
    texts: UnlabelledTexts
    base: Recipe
    on_event: Listener
    _start: LanguageModelStart | None = None
    _pretrained: EncodedFolds | None = None
    _to_label: StoredTexts | None = None
    _space: LatentSpace | None = None
    _students: dict[int, EncodedFolds] = field(default_factory=dict)

    def lsa(self) -> LsaTraining:
        """Latent semantic analysis of all texts, or of as many as are read soon."""
        documents = self.plain.dataset.train
        if self._space is None:
            self.on_event(Preparing("linear"))
            text = self.base.text.model_copy(update={"tokenizer": tokenizer_of(self.base)})
            rows = self._rows_to_analyse()
            texts = [*documents.texts, *(self._all()[row] for row in rows.tolist())]
            self._space = LatentSpace.fit(build_tokenizer(text), texts, self.base.training.seed)
        rows = self._space.features.transform(list(documents.texts))
        classes = list(self.plain.dataset.classes)
        return LsaTraining(self._space, rows, documents.labels, classes, self.plain.folds)

    def pretrain(self, minutes: float) -> None:
        """Train the language model, or read it. See `language_model`."""
        texts = [self.plain.dataset, self._all()]
        self.start_from(language_model(self.folder, texts, self.base, minutes, self.on_event))

    def start_from(self, start: LanguageModelStart) -> None:
        """Take a language model that is trained already."""
        self._start = start
        transfer = Transfer(language_model=start)
        self._pretrained = EncodedFolds(self.plain.dataset, self.plain.folds, transfer)

    @property
    def recipe(self) -> Recipe:
        """Of the network that starts from the language model."""
        assert self._start is not None
        return pretrained_recipe(self.base, self._start, len(self.plain.dataset.train))

    def pretrained(self) -> EncodedFolds:
        """The documents in the language model's words."""
        assert self._pretrained is not None
        return self._pretrained

    def count(self) -> int:
        """The number of texts that may be labelled."""
        return len(self._all())

    def student(
        self, fold: int, teacher: Callable[[], EnsemblePredictor], wanted: int
    ) -> EncodedFolds:
        """The documents, with soft-labelled ones for the student of a fold.

        Args:
            fold: From 0.
            teacher: Makes what labels texts; called if they are not labelled yet.
            wanted: How many texts at most.
        """
        if fold not in self._students:
            everything = self._all()
            rows = rows_of_fold(len(everything), wanted, fold, self.base.training.seed)
            soft_labels = labelled_texts(
                self.folder / SOFT_LABELS / str(1 + fold), teacher, everything.take(rows),
                self.plain.without_validation(), self.on_event,
            )  # fmt: skip
            transfer = Transfer(self._start, soft_labels)
            # Those of the folds before are not needed any more.
            self._students = {
                fold: EncodedFolds(self.plain.dataset, self.plain.folds, transfer)
            }  # fmt: skip
        return self._students[fold]

    def _rows_to_analyse(self) -> NDArray[np.int64]:
        texts = self._all()
        order = rows_of_fold(len(texts), len(texts), 0, self.base.training.seed)
        characters = np.cumsum([len(texts[row]) for row in order.tolist()], dtype=np.int64)
        return order[: int(np.searchsorted(characters, _MOST_CHARACTERS, "right"))]

    def _all(self) -> StoredTexts:
        if self._to_label is None:
            self._to_label = texts_to_label(self.texts, self.dataset, self.on_event)
        return self._to_label
