"""Start a run's embedding from a file of word vectors."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import DataError, RecipeError, RunError
from hoiquy.events import Listener, Preparing, VectorsRead, ignore
from hoiquy.nn.model import Model
from hoiquy.recipe.layer_sizes import check_size
from hoiquy.recipe.layer_tables import EmbeddingLayer
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.checkpoint import checkpoint_numbers
from hoiquy.runs.files import VECTORS
from hoiquy.runs.recorded_input import load_recorded
from hoiquy.text.vectors import Layout, WordVectors, layout_of, read_vectors, sha256_of
from hoiquy.training.encoding.prepared import Prepared, Split
from hoiquy.training.model_building import layer_names

_PIECE_TOKENS = 1_000_000  # tokens that are counted at once
_UNITS = "model.layers.0.units"


@dataclass(frozen=True)
class VectorFile:
    """A file of word vectors, and the format that was found in it."""

    path: Path
    layout: Layout


@dataclass(frozen=True)
class VectorStart:
    """The word vectors that a run starts from.

    file: None for a run that has a checkpoint and needs no vectors.
    """

    file: VectorFile | None = None
    _read: list[tuple[tuple[str, ...], WordVectors]] = field(
        default_factory=list, repr=False, compare=False
    )  # a file of gigabytes is read once for all networks with the same words

    @classmethod
    def load(cls, path: str | Path) -> "VectorStart":
        """Find the format of a file. Raises DataError if it has no word vectors."""
        return cls(VectorFile(Path(path), layout_of(Path(path))))

    @classmethod
    def recorded(cls, folder: Path, environment: Mapping[str, Any]) -> Path | None:
        """The file of a run's word vectors; None for a run without.

        Raises RunError if it is missing or has changed.
        """

        def load(place: Path) -> tuple[None, str]:
            try:
                return None, sha256_of(place)
            except DataError as error:
                raise RunError(str(error)) from error

        recorded = load_recorded(folder, environment, VECTORS, "sha256", load, "file")
        return None if recorded is None else recorded[0]

    @classmethod
    def of_run(cls, folder: Path, environment: Mapping[str, Any]) -> "VectorStart | None":
        """The word vectors of an interrupted run; None for a run without.

        A run that has a checkpoint does not need the file any more. Raises RunError as `recorded`
        does.
        """
        if VECTORS not in environment:
            return None
        if checkpoint_numbers(folder):
            return cls()
        place = cls.recorded(folder, environment)
        return None if place is None else cls.load(place)

    def adapted(self, recipe: Recipe) -> Recipe:
        """The recipe with the dimension of the vectors as the units of its embedding.

        Raises RecipeError if the first layer is no embedding, or cannot have these units.
        """
        if self.file is None:
            return recipe
        first, dimension = recipe.model.layers[0], self.file.layout.dimension
        if not isinstance(first, EmbeddingLayer) or recipe.model.input != "indices":
            raise RecipeError(
                f"{recipe.name}: word vectors need an embedding as the first layer, but it is "
                f"{first.type}: choose another recipe, such as fast"
            )
        return recipe if first.units == dimension else recipe.with_settings({_UNITS: dimension})

    def read(self, recipe: Recipe, prepared: Prepared, on_event: Listener = ignore) -> Prepared:
        """Add the vectors of the words to the prepared documents, and report how many are found.

        Raises DataError if the file is damaged, has changed or has none of the words.
        """
        if self.file is None:
            return prepared
        path, layout = self.file.path, self.file.layout
        words = prepared.vocabulary.known_words
        known = [vectors for of, vectors in self._read if of == words]
        if known:
            return replace(prepared, vectors=known[0])
        check_size(0, prepared.vocabulary.index_count, layout.dimension)
        on_event(
            VectorsRead(
                f"{path.name}: {layout.format}, {layout.dimension:,} numbers a word, which are the "
                f"units of the embedding"
            )
        )
        on_event(Preparing("vectors"))
        vectors = read_vectors(path, words)
        if vectors.rows.shape[1] != layout.dimension:
            raise DataError(f"{path} has changed while it was read; start again")
        if not vectors.found.any():
            raise DataError(
                f"{path}: none of the {len(words):,} words of the training texts are in it, such "
                f"as {words[0][:40]!r}: choose vectors of the same language, or another "
                f"text.tokenizer than {recipe.text.tokenizer}"
            )
        self._read.append((words, vectors))
        prepared = replace(prepared, vectors=vectors)
        on_event(VectorsRead(f"{path.name}: {_coverage(prepared, vectors)}"))
        return prepared

    def place(self) -> dict[str, Any]:
        """The entry of an ensemble's environment, by which `recorded` finds the file.

        Raises DataError if the file cannot be read.
        """
        assert self.file is not None, "only a run that has begun needs no file"
        return {"file": str(self.file.path.resolve()), "sha256": sha256_of(self.file.path)}

    def facts(self, prepared: Prepared) -> dict[str, Any]:
        """The entry of the run's environment, by which `of_run` finds the file."""
        vectors = prepared.vectors
        assert self.file is not None and vectors is not None, "read before a run starts"
        return {
            "file": str(self.file.path.resolve()),
            "sha256": vectors.sha256,
            "format": vectors.format,
            "dimension": vectors.rows.shape[1],
            "words": len(vectors.rows),
            "found": int(vectors.listed.sum()),
            "from_ngrams": int(vectors.composed.sum()),
            "running_words_found": running_share(prepared, vectors.listed),
        }


def put_vectors_into(recipe: Recipe, model: Model, vectors: WordVectors) -> None:
    """Copy the vectors into the embedding of a new model.

    All other rows keep their first values, scaled to the mean norm of the vectors.
    """
    embeddings = model.parameters[f"{layer_names(recipe)[0]}/embeddings"]
    first = recipe.text.first_word
    found = np.zeros(len(embeddings), np.bool_)
    found[first : first + len(vectors.rows)] = vectors.found
    others, norm = embeddings[~found], _mean_norm(vectors.rows[vectors.found])
    if _mean_norm(others) > 0:
        embeddings[~found] = others * (norm / _mean_norm(others))
    embeddings[found] = vectors.rows[vectors.found]


def running_share(prepared: Prepared, found: NDArray[np.bool_]) -> float:
    """The share of the words of the training documents, each as often as it occurs.

    found: (words,), of the known words of the vocabulary.
    """
    counts = _counts(prepared.train, prepared.vocabulary.index_count)
    scheme = prepared.vocabulary.scheme
    if scheme.start is not None:
        counts[scheme.start] = 0
    return float(counts[scheme.first_word :][found].sum() / max(1, counts.sum()))


def _coverage(prepared: Prepared, vectors: WordVectors) -> str:
    listed, words = int(vectors.listed.sum()), len(vectors.rows)
    share = running_share(prepared, vectors.listed)
    composed = int(vectors.composed.sum())
    more = f"; {composed:,} more from their character n-grams" if composed else ""
    return f"{listed:,} of {words:,} words found ({share:.1%} of the running words){more}"


def _counts(split: Split, indices: int) -> NDArray[np.int64]:
    """How often each index occurs in documents that may be larger than memory."""
    counts = np.zeros(indices, np.int64)
    tokens = split.documents.indices
    for begin in range(0, len(tokens), _PIECE_TOKENS):
        piece = tokens[begin : begin + _PIECE_TOKENS]
        # Of a damaged token store, indices may be out of range; training raises the error.
        counts += np.bincount(piece[(piece >= 0) & (piece < indices)], minlength=indices)
    return counts


def _mean_norm(rows: NDArray[np.float32]) -> float:
    if not len(rows):
        return 0.0
    return float(np.sqrt(np.square(rows, dtype=np.float64).sum(axis=1)).mean())
