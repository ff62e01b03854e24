"""From texts to probabilities, with the vocabulary and the weights of a run."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset
from hoiquy.data.label_array import Labels
from hoiquy.errors import DataError, RecipeError, RunError
from hoiquy.nn.model import Model
from hoiquy.nn.shards import ShardPool, shard_pool
from hoiquy.prediction.table import predicted_names
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.files import NGRAMS, parse_vocabulary
from hoiquy.runs.folder import Run, load_run
from hoiquy.system.checksummed_files import read_checksummed
from hoiquy.text import EncodedDocuments, Ngrams, Vocabulary
from hoiquy.training.encoding.prepare import encode_split
from hoiquy.training.encoding.prepared import split_of
from hoiquy.training.inference import Inference
from hoiquy.training.model_building import build_model
from hoiquy.training.scoring import Scores, score

_BATCH = 4096  # documents that are padded at once; threads wait for each other at its end


@dataclass(frozen=True)
class Predictor:
    """A trained network ready to read.

    classes: names, in the order of the outputs. multilabel: whether a text may have several of
    them, or none; see `labels`.
    """

    recipe: Recipe
    classes: tuple[str, ...]
    vocabulary: Vocabulary
    model: Model
    multilabel: bool = False

    @classmethod
    def from_run(cls, run: Run) -> "Predictor":
        """Load what a run has learnt. Raises RunError for a damaged or unfinished run."""
        read = partial(read_checksummed, run.folder)
        classes = tuple(run.result.classes)
        return cls.restored(
            run.recipe, classes, read, run.weights, str(run.folder), run.result.multilabel
        )

    @classmethod
    def restored(
        cls,
        recipe: Recipe,
        classes: tuple[str, ...],
        read: Callable[[str], bytes],
        weights: Callable[[], dict[str, NDArray[Any]]],
        source: str,
        multilabel: bool = False,
    ) -> "Predictor":
        """Put a network together of what a run's files hold, wherever these are kept.

        read: gives the bytes of a file by its name. source: named in errors. Raises RunError if the
        parts do not fit together.
        """
        try:
            vocabulary = parse_vocabulary(recipe, read, source)
            if recipe.text.ngrams > 1:
                ngrams = Ngrams.parse(read(NGRAMS), vocabulary.words, f"{source}: {NGRAMS}")
                vocabulary = replace(vocabulary, ngrams=ngrams)
            model = build_model(
                recipe,
                vocabulary_size=len(vocabulary.words),
                classes=len(classes),
                seed=recipe.training.seed,
                ngrams=vocabulary.ngrams,
                multilabel=multilabel,
            )
        except (DataError, RecipeError) as error:
            raise RunError(f"damaged run: {error}") from error
        _load_parameters(model.parameters, weights(), source)
        return cls(recipe, classes, vocabulary, model, multilabel)

    def score(self, dataset: Dataset) -> tuple[Scores, Labels]:
        """Score the test documents of a data set; returns the scores and the labels.

        Raises DataError unless the data set has the classes that the network was trained on, and as
        many labels a document.
        """
        if dataset.multilabel != self.multilabel:
            kinds = ("one label", "several labels")
            raise DataError(
                f"{dataset.name} has {kinds[dataset.multilabel]} a document, but the run was "
                f"trained on {kinds[self.multilabel]}"
            )
        if dataset.classes != self.classes:
            raise DataError(
                f"{dataset.name} has the classes {', '.join(dataset.classes)}, but the run was "
                f"trained on {', '.join(self.classes)}"
            )
        split = encode_split(self.recipe, dataset, dataset.test, self.vocabulary)
        with shard_pool() as pool:
            return score(self.model, split, pool), split.labels

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(documents, classes): each row adds up to 1 after a softmax, and need not after sigmoids.

        The answer to a text is the class of the largest. A text without any word has one, too.
        """
        return self.probabilities_of(self.vocabulary.encode_all(texts))

    def labels(self, probabilities: NDArray[Any]) -> list[tuple[str, ...]]:
        """The names of the labels that each text is given; exactly one unless `multilabel`.

        probabilities: (documents, classes), as of `probabilities`.
        """
        return predicted_names(probabilities, self.classes, self.multilabel)

    def probabilities_of(
        self, documents: EncodedDocuments, pool: ShardPool | None = None
    ) -> NDArray[np.float32]:
        """Do as `probabilities` with documents that the vocabulary has encoded.

        pool: threads that the caller keeps, for many calls of few documents.
        """
        nobody = np.zeros(len(documents), np.int32)  # labels are not known
        split = split_of(self.recipe, documents, nobody, len(self.classes))
        if not len(documents):
            return np.empty((0, len(self.classes)), np.float32)
        with shard_pool() if pool is None else nullcontext(pool) as threads:
            logits = self._inference.logits_of(split, threads, _BATCH)
        return self.model.output.probabilities(logits)

    @cached_property
    def _inference(self) -> Inference:
        return Inference.of(self.model, self.recipe.data.max_length)


def load_predictor(run: str | Path | Run) -> Predictor:
    """Return the network of a run, ready to read. Raises RunError if the run is damaged."""
    return Predictor.from_run(run if isinstance(run, Run) else load_run(run))


def _load_parameters(
    parameters: dict[str, NDArray[Any]], weights: dict[str, NDArray[Any]], source: str
) -> None:
    if {k: (v.shape, v.dtype) for k, v in parameters.items()} != {
        k: (v.shape, v.dtype) for k, v in weights.items()
    }:
        raise RunError(f"{source} is damaged: weights.safetensors does not fit recipe.toml")
    for name, array in parameters.items():
        array[...] = weights[name]
