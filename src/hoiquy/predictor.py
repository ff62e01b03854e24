"""From texts to probabilities, with the vocabulary and the weights of a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset
from hoiquy.errors import DataError, RecipeError, RunError
from hoiquy.inference import Inference
from hoiquy.losses import sigmoid
from hoiquy.model import Model, build_model
from hoiquy.parallel import shard_pool
from hoiquy.preparation import Split, encode_split, text_rules
from hoiquy.run_files import SUBWORDS, VOCABULARY
from hoiquy.runs import Run, load_run
from hoiquy.sealed_files import read_sealed
from hoiquy.text import EncodedDocuments, Subwords, TextRules, Vocabulary
from hoiquy.training import Scores, score

_BATCH = 4096  # documents that are padded at once; threads wait for each other at its end


@dataclass(frozen=True)
class Predictor:
    """A trained network ready to read."""

    run: Run
    vocabulary: Vocabulary
    model: Model

    @classmethod
    def from_run(cls, run: Run) -> "Predictor":
        """Load what a run has learnt. Raises RunError for a damaged or unfinished run."""
        recipe, classes = run.recipe, len(run.result.classes)
        content = read_sealed(run.folder, VOCABULARY)
        try:
            vocabulary = Vocabulary.parse(
                content, recipe.text.num_words, str(run.folder), _rules(run)
            )
            model = build_model(
                recipe,
                vocabulary_size=len(vocabulary.words),
                classes=classes,
                seed=recipe.training.seed,
            )
        except (DataError, RecipeError) as error:
            raise RunError(f"damaged run: {error}") from error
        _load_parameters(model.parameters, run.weights(), str(run.folder))
        return cls(run, vocabulary, model)

    def score(self, dataset: Dataset) -> tuple[Scores, NDArray[np.int32]]:
        """Score the test documents of a data set; returns the scores and the labels.

        Raises DataError unless the data set has the classes that the network was trained on.
        """
        if dataset.classes != tuple(self.run.result.classes):
            raise DataError(
                f"{dataset.name} has the classes {', '.join(dataset.classes)}, but the run was "
                f"trained on {', '.join(self.run.result.classes)}"
            )
        split = encode_split(self.run.recipe, dataset, dataset.test, self.vocabulary)
        with shard_pool() as pool:
            return score(self.model, split, pool), split.labels

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(self.run.result.classes)

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(documents, classes): the sigmoid outputs, which need not add up to 1.

        The answer to a text is the class of the largest. A text without any word has one, too.
        """
        return self.probabilities_of(self.vocabulary.encode_all(texts))

    def probabilities_of(self, documents: EncodedDocuments) -> NDArray[np.float32]:
        """Do as `probabilities` with documents that the vocabulary has encoded."""
        nobody = np.zeros(len(documents), np.int32)  # labels are not known
        split = Split(documents, nobody, len(self.classes), self.run.recipe.data)
        if not len(documents):
            return np.empty((0, len(self.classes)), np.float32)
        with shard_pool() as pool:
            return np.asarray(sigmoid(self._inference.read(split, pool, _BATCH)))

    @cached_property
    def _inference(self) -> Inference:
        return Inference.of(self.model, self.run.recipe.data.max_length)


def load_predictor(run: str | Path | Run) -> Predictor:
    """Return the network of a run, ready to read. Raises RunError if the run is damaged."""
    return Predictor.from_run(run if isinstance(run, Run) else load_run(run))


def _rules(run: Run) -> TextRules:
    """How the run's texts become words, with the subwords that it learnt."""
    table = run.recipe.text
    if table.tokenizer != "subword":
        return text_rules(table)
    return text_rules(table, Subwords(read_sealed(run.folder, SUBWORDS)))


def _load_parameters(
    parameters: dict[str, NDArray[Any]], weights: dict[str, NDArray[Any]], source: str
) -> None:
    if {k: (v.shape, v.dtype) for k, v in parameters.items()} != {
        k: (v.shape, v.dtype) for k, v in weights.items()
    }:
        raise RunError(f"{source} is damaged: weights.safetensors does not fit recipe.toml")
    for name, array in parameters.items():
        array[...] = weights[name]
