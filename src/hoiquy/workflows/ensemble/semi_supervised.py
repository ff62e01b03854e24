"""What an ensemble learns from texts without labels: which words go together, and soft labels."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset
from hoiquy.data.stored_texts import StoredTexts
from hoiquy.events import Listener, Preparing
from hoiquy.linear.lsa import LatentSpace
from hoiquy.prediction.ensemble import EnsemblePredictor
from hoiquy.recipe.recipe import Recipe
from hoiquy.recipe.tokenizer import build_tokenizer
from hoiquy.runs.files import SOFT_LABEL_FOLDER
from hoiquy.training.time_budget import measure_speed
from hoiquy.workflows.ensemble.candidates import MOST_CHOSEN, Candidate
from hoiquy.workflows.ensemble.data_size import DataSize
from hoiquy.workflows.ensemble.lsa import LsaTraining
from hoiquy.workflows.ensemble.network import EncodedFolds
from hoiquy.workflows.ensemble.students import (
    SecondsOfText,
    labelled_texts,
    planned_texts,
    rows_of_fold,
    students_of,
)
from hoiquy.workflows.pretraining.corpus import fingerprint
from hoiquy.workflows.transfer import Transfer
from hoiquy.workflows.unlabelled_texts import TextsWithoutLabel, UnlabelledTexts

_MOST_CHARACTERS = 50_000_000  # of texts that are analysed: a minute
_SAMPLE = 2000  # texts


@dataclass
class SemiSupervised:
    """Latent semantic analysis of the texts, and students of the labelled and unlabelled ones.

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
    _to_label: StoredTexts | None = None
    _lsa: LsaTraining | None = None
    _encoded: dict[int, EncodedFolds] = field(default_factory=dict)

    def lsa(self) -> LsaTraining:
        """Latent semantic analysis of all texts, or of as many as are read soon."""
        if self._lsa is None:
            self.on_event(Preparing("linear"))
            documents = self.plain.dataset.train
            by_characters = self.base.text.tokenizer == "characters"
            tokenizer = "characters" if by_characters else "unicode+punctuation"
            text = self.base.text.model_copy(update={"tokenizer": tokenizer})
            rows = self._rows_to_analyse()
            texts = [*documents.texts, *(self._all()[row] for row in rows.tolist())]
            space = LatentSpace.fit(build_tokenizer(text), texts, self.base.training.seed)
            rows = space.features.transform(list(documents.texts))
            classes = list(self.plain.dataset.classes)
            self._lsa = LsaTraining(space, rows, documents.labels, classes, self.plain.folds)
        return self._lsa

    @cached_property
    def texts_sha256(self) -> str:
        """The fingerprint of the texts that may be labelled."""
        return fingerprint(self._all())

    def count(self) -> int:
        """The number of texts that may be labelled."""
        return len(self._all())

    def students(
        self, settings: Mapping[str, Any], labelling: float, seconds: float | None
    ) -> tuple[list[Candidate], int]:
        """The networks that train on soft-labelled texts, and on how many; none without time.

        Args:
            settings: Of the user, for every network.
            labelling: The seconds that the label of a text takes.
            seconds: For all of them; by default, as long as it takes.
        """
        folds, tried = self.plain.folds.count, self._students(self.count(), 1, settings)
        training = [self._seconds_of_text(one.recipe) for one in tried]
        # All are tried on a fold, and two at most are trained on the others.
        models = len(tried) + min(len(tried), MOST_CHOSEN) * (folds - 1)
        of_text = SecondsOfText(labelling, float(np.mean(training)) * models / folds)
        of_fold = None if seconds is None else seconds / folds
        count, epochs = planned_texts(self.count(), of_fold, of_text)
        return (self._students(count, epochs, settings) if count else []), count

    def encoded(
        self, fold: int, teacher: Callable[[], EnsemblePredictor], counts: Sequence[int]
    ) -> EncodedFolds:
        """The documents, with soft-labelled ones for the students of a fold.

        Args:
            fold: From 0.
            teacher: Makes what labels texts; called if they are not labelled yet.
            counts: How many texts each fold has, up to this one.
        """
        if fold not in self._encoded:
            everything = self._all()
            rows = rows_of_fold(len(everything), counts[: 1 + fold], self.base.training.seed)
            soft_labels = labelled_texts(
                self.folder / SOFT_LABEL_FOLDER / str(1 + fold), teacher, everything.take(rows),
                self.plain.without_validation(), self.on_event,
            )  # fmt: skip
            encoded = EncodedFolds(
                self.plain.dataset, self.plain.folds, Transfer(soft_labels=soft_labels)
            )
            self._encoded = {fold: encoded}  # those of the folds before are not needed any more
        return self._encoded[fold]

    def _students(self, texts: int, epochs: int, settings: Mapping[str, Any]) -> list[Candidate]:
        labelled = DataSize.of(self.plain.dataset)
        documents = labelled.documents + texts
        characters = labelled.characters + round(texts * _mean_characters(self._all()))
        size = replace(labelled, documents=documents, characters=characters)
        return students_of(self.base, size, epochs, settings)

    def _seconds_of_text(self, recipe: Recipe) -> float:
        """Estimated by the labelled documents; texts may be longer."""
        prepared = self.plain.prepared(recipe, 0, self.on_event)
        seconds = measure_speed(recipe, prepared).epoch / max(len(prepared.train), 1)
        documents = self.plain.dataset.train.texts
        longer = _mean_characters(self._all()) / max(_mean_characters(documents), 1.0)
        return seconds * max(longer, 1.0)

    def _rows_to_analyse(self) -> NDArray[np.int64]:
        texts = self._all()
        order = rows_of_fold(len(texts), [len(texts)], self.base.training.seed)
        characters = np.cumsum([len(texts[row]) for row in order.tolist()], dtype=np.int64)
        return order[: int(np.searchsorted(characters, _MOST_CHARACTERS, "right"))]

    def _all(self) -> StoredTexts:
        if self._to_label is None:
            texts = self.texts.read(self.on_event)
            self._to_label = TextsWithoutLabel.of(texts, self.dataset, self.on_event).texts
        return self._to_label


def _mean_characters(texts: Sequence[str]) -> float:
    """Estimated from some, evenly spaced among all."""
    rows = np.linspace(0, len(texts) - 1, min(_SAMPLE, len(texts))).astype(int).tolist()
    return float(np.mean([len(texts[row]) for row in rows]))
