"""Predict the classes of texts with the network of a run."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import chain, groupby

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset
from hoiquy.errors import DataError, RecipeError, RunError
from hoiquy.nn.model import Model
from hoiquy.nn.shards import ShardPool, shard_pool
from hoiquy.prediction.compact_embedding import expanded_model, with_compact_rows
from hoiquy.prediction.convolved_words import with_shared_products
from hoiquy.prediction.projected_rows import inference_of, project_all
from hoiquy.prediction.text_classifier import Documents, TextClassifier
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.compact_rows import CompactRows, Weights
from hoiquy.runs.files import NGRAMS, parse_vocabulary
from hoiquy.runs.folder import Run
from hoiquy.system.checksummed_files import read_checksummed
from hoiquy.text import EncodedDocuments, Ngrams, Vocabulary
from hoiquy.training.encoding.prepare import encode_split
from hoiquy.training.encoding.prepared import split_of
from hoiquy.training.inference import Inference
from hoiquy.training.model_building import build_model
from hoiquy.training.scoring import Scores, score

_BATCH = 4096  # documents padded together; threads synchronise after each batch


@dataclass(frozen=True, repr=False)
class Predictor(TextClassifier):
    """A trained network with its vocabulary, ready to predict.

    Attributes:
        recipe: The recipe it was trained with.
        classes: Class names, in the order of the columns of `predict_proba`.
        vocabulary: Turns texts into token indices.
        model: The network with its weights.
        multilabel: Whether a text may have any number of labels instead of exactly one.
    """

    recipe: Recipe
    classes: tuple[str, ...]
    vocabulary: Vocabulary
    model: Model
    multilabel: bool = False

    @classmethod
    def from_run(cls, run: Run) -> "Predictor":
        """Load the network of a run.

        Raises:
            RunError: The run is damaged or unfinished.
        """
        read = partial(read_checksummed, run.folder)
        classes = tuple(run.result.classes)
        return cls.restored(
            run.recipe, classes, read, run.stored_weights, str(run.folder), run.result.multilabel
        )

    @classmethod
    def restored(
        cls,
        recipe: Recipe,
        classes: tuple[str, ...],
        read: Callable[[str], bytes],
        weights: Callable[[], Weights],
        source: str,
        multilabel: bool = False,
    ) -> "Predictor":
        """Build a predictor from the files of a run, on disk or in memory.

        Args:
            recipe: The recipe of the run.
            classes: Class names, in the order of the output columns.
            read: Returns the bytes of a file by its name.
            weights: Returns the arrays by parameter name; those of embeddings may be compact.
            source: What error messages call the run.
            multilabel: Whether a text may have any number of labels.

        Raises:
            RunError: A file is damaged or does not fit the others.
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
        model = _with_weights(model, weights(), source)
        return cls(recipe, classes, vocabulary, model, multilabel)

    @property
    def sums_to_one(self) -> bool:
        return self.model.output.sums_to_one

    def probabilities(
        self, documents: Documents, pool: ShardPool | None = None
    ) -> NDArray[np.float32]:
        if not isinstance(documents, EncodedDocuments):
            documents = self.vocabulary.encode_all(documents)
        return self.predict_proba_encoded(documents, pool)

    def joined(self, parts: Sequence[Documents]) -> EncodedDocuments:
        encoded: list[EncodedDocuments] = []
        for are_encoded, some in groupby(parts, lambda one: isinstance(one, EncodedDocuments)):
            if are_encoded:
                encoded += some  # type: ignore[arg-type]
            else:
                encoded.append(self.vocabulary.encode_all(list(chain.from_iterable(some))))  # type: ignore[arg-type]
        if len(encoded) == 1:
            return encoded[0]
        lengths = np.concatenate([one.lengths for one in encoded])
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        return EncodedDocuments(np.concatenate([one.indices for one in encoded]), starts)

    def predict_proba_encoded(
        self, documents: EncodedDocuments, pool: ShardPool | None = None
    ) -> NDArray[np.float32]:
        """Do as `predict_proba` for documents that `vocabulary` has encoded.

        Args:
            documents: The token indices of each document.
            pool: Threads to use; without one, a pool is started for this call.
        """
        unlabelled = np.zeros(len(documents), np.int32)
        split = split_of(self.recipe, documents, unlabelled, len(self.classes))
        if not len(documents):
            return np.empty((0, len(self.classes)), np.float32)
        with shard_pool() if pool is None else nullcontext(pool) as threads:
            logits = self._inference_for(documents, threads).logits_of(split, threads, _BATCH)
        return self.model.output.probabilities(logits)

    def _scored(self, dataset: Dataset) -> Scores:
        split = encode_split(self.recipe, dataset, dataset.test, self.vocabulary)
        with shard_pool() as pool:
            return score(self.expanded().model, split, pool)

    def expanded(self) -> "Predictor":
        """The same with all weights in float32; itself, unless its embedding is compact."""
        model = expanded_model(self.model)
        return self if model is self.model else replace(self, model=model)

    def prepare(self) -> None:
        """Compute now what texts share, so that no text waits for it."""
        project_all(self._inference)

    def _inference_for(self, documents: EncodedDocuments, pool: ShardPool) -> Inference:
        """The inference, which shares what it can between these documents."""
        project_all(self._inference, len(documents.indices))
        tokens = documents.indices
        if self._inference.steps or not isinstance(tokens, np.ndarray):
            return self._inference
        return replace(self._inference, model=with_shared_products(self.model, tokens, pool))

    @cached_property
    def _inference(self) -> Inference:
        return inference_of(self.model, self.recipe.data.max_length)


def _with_weights(model: Model, weights: Weights, source: str) -> Model:
    """The model with these weights, most of them in its own arrays."""
    if {k: (v.shape, v.dtype) for k, v in model.arrays.items()} != {
        k: (v.shape, v.dtype) for k, v in weights.items()
    }:
        raise RunError(f"{source} is damaged: weights.safetensors does not fit recipe.toml")
    rows = {name: one for name, one in weights.items() if isinstance(one, CompactRows)}
    if rows:
        model = with_compact_rows(model, rows, source)
    arrays = model.arrays
    for name, one in weights.items():
        if not isinstance(one, CompactRows):
            arrays[name][...] = one
    return model
