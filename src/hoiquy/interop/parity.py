"""Does an exported model answer as hoiquy does? The inputs of the check, and its certificate."""

import json
import platform
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any

import numpy as np

from hoiquy.nn.kernels import Array
from hoiquy.nn.layers import Bidirectional, Layer, MaxPooling, MeanPooling
from hoiquy.nn.model import Indices, Model
from hoiquy.recipe.recipe import Recipe
from hoiquy.text import EncodedDocuments, Ngrams, Vocabulary, pad

TOLERANCE = 1e-5
# A network that reads raw numbers through relu (bai1, bai2) has logits in the thousands: float32
# itself gives its probabilities to four digits only, in hoiquy as elsewhere. Two sums in different
# orders may then differ by several times that, but never by what would pass for a wrong gate.
ROUNDINGS, MOST_ROUNDING = 10.0, 1e-3
# Documents in a batch and indices in a document; what cannot take any length is checked at its own.
SHAPES = (
    (1, 1), (64, 1), (3, 2), (2, 7), (5, 20), (17, 64), (1, 128), (64, 90), (8, 200), (33, 333),
    (1, 500), (64, 500),
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One batch of the check and the largest difference of a probability on it."""

    inputs: str
    batch: int
    length: int
    largest_difference: float  # infinity where theirs is not a number
    # How far hoiquy's own answers are from those computed in float64; looked at only where the
    # difference is larger than the tolerance.
    own_rounding: float | None = None
    undefined: int = 0  # documents left out: the states of a relu layer overflow, in hoiquy too

    def within(self, tolerance: float, hard: bool) -> bool:
        """True for a difference that is small, or unless `hard`, no larger than rounding allows."""
        if self.largest_difference <= tolerance:
            return True
        allowed = ROUNDINGS * (self.own_rounding or 0.0)
        return not hard and self.largest_difference <= min(allowed, MOST_ROUNDING)


@dataclass(frozen=True)
class Parity:
    """What the check found, and what it was to keep to.

    tolerance: None for TOLERANCE, beyond which rounding is an excuse; a number is a hard limit.
    """

    cases: tuple[Case, ...]
    tolerance: float | None = None

    @property
    def limit(self) -> float:
        return TOLERANCE if self.tolerance is None else self.tolerance

    @property
    def largest(self) -> Case:
        return max(self.cases, key=lambda case: case.largest_difference)

    @property
    def outside(self) -> Case | None:
        """The largest difference that is neither small nor explained by rounding, if any."""
        hard = self.tolerance is not None
        wrong = [case for case in self.cases if not case.within(self.limit, hard)]
        return max(wrong, key=lambda case: case.largest_difference, default=None)

    @property
    def excused(self) -> Case | None:
        """The largest difference above the tolerance that rounding explains, if there is one."""
        return self.largest if self.largest.largest_difference > self.limit else None


def check_parity(
    model: Model,
    recipe: Recipe,
    vocabulary: Vocabulary,
    exported: Callable[[Indices], Array],
    *,
    any_length: bool,
    tolerance: float | None = None,
) -> Parity:
    """Compare an exported model's probabilities with hoiquy's.

    Read are an empty text, a text of unknown words, texts of known words as the recipe pads them,
    known n-grams one after the other, and random indices: batches of 1 to 64 documents of 1 to 500
    indices where `any_length` is possible, of the recipe's length otherwise. The inputs are the
    same every time. tolerance: as of `Parity`.
    """
    rng = np.random.default_rng(0)
    rows = max(vocabulary.index_count, 2)
    texts = {
        "an empty text": [""],
        "unknown words": ["\x7funknown \x7fwords"],
        "texts of known words": _texts(vocabulary, rng, recipe.data.max_length),
    }
    batches = [(name, encoded(vocabulary, recipe, some)) for name, some in texts.items()]
    if vocabulary.ngrams is not None and len(vocabulary.ngrams):
        batches.append(("n-grams", _ngrams_in_a_row(vocabulary.ngrams, recipe, rng)))
    for batch, length in SHAPES:
        length = length if any_length else recipe.data.max_length
        indices = rng.integers(1, rows, (batch, length), dtype=np.int32)
        kept = rng.integers(1, length + 1, (batch, 1))  # half of them padded, on the recipe's side
        place = np.arange(length)[:: -1 if recipe.data.padding == "left" else 1]
        padded = (place >= kept) & (np.arange(batch)[:, None] % 2 == 1)
        batches.append(("random indices", np.where(padded, 0, indices).astype(np.int32)))
    if not any_length:
        batches = [(name, _defined_in_keras(model, indices)) for name, indices in batches]
    batches = [(name, indices) for name, indices in batches if len(indices)]
    limit = TOLERANCE if tolerance is None else tolerance
    cases = [_case(model, exported, name, indices, limit) for name, indices in batches]
    return Parity(tuple(cases), tolerance)


def _defined_in_keras(model: Model, indices: Indices) -> Indices:
    """Without the documents that have no index at all, where Keras' pooling gives NaN for them.

    Only a numbering that starts no document has any.
    """
    pools = any(isinstance(layer, MaxPooling | MeanPooling) for layer in model.layers)
    return indices[indices.any(axis=1)] if model.mask_zero and pools else indices


def _case(
    model: Model,
    exported: Callable[[Indices], Array],
    name: str,
    indices: Indices,
    tolerance: float,
) -> Case:
    batch, length = indices.shape
    with np.errstate(over="ignore", invalid="ignore"):
        logits = model.logits(indices)
        defined = np.isfinite(logits).all(axis=1)
        ours = model.output.probabilities(logits[defined])
        theirs = exported(indices)[defined]
        difference, rounding = _difference(ours, theirs), None
        if difference > tolerance:
            exact = in_float64(model).probabilities(indices[defined])
            rounding = _difference(exact, ours)
    return Case(name, batch, length, difference, rounding, batch - int(defined.sum()))


def in_float64(model: Model) -> Model:
    """A copy of a model that computes in float64, with hoiquy's plain kernels."""
    copy = deepcopy(model)
    copy.dtype = np.float64
    for layer in copy.all_layers:
        parts: list[Layer] = [layer]
        if isinstance(layer, Bidirectional):
            parts += [part for part in (layer.forward_layer, layer.backward_layer) if part]
        for part in parts:
            part.parameters = {k: v.astype(np.float64) for k, v in part.parameters.items()}
    return copy


def certificate(
    parity: Parity, kind: str, hashes: dict[str, str], packages: Sequence[str]
) -> bytes:
    """`model.parity.json`. hashes: sha256 of the files that were compared."""
    values: dict[str, Any] = {
        "format": kind,
        "compared": "probabilities, with those of hoiquy on the same indices",
        "largest_difference": parity.largest.largest_difference,
        "found_on": asdict(parity.largest),
        "tolerance": parity.limit,
        "beyond_tolerance": _excuse(parity),
        "documents": sum(case.batch for case in parity.cases),
        "cases": [asdict(case) for case in parity.cases],
        "sha256": hashes,
        "versions": {"python": platform.python_version(), "processor": platform.machine()}
        | {name: metadata.version(name) for name in ("hoiquy", "numpy", *packages)},
    }
    return (json.dumps(values, indent=1) + "\n").encode("ascii")


def _excuse(parity: Parity) -> dict[str, Any] | None:
    """What the certificate says where a difference above the tolerance was let pass."""
    case = parity.excused
    if case is None:
        return None
    return {
        "largest_difference": case.largest_difference,
        "own_rounding": case.own_rounding,
        "allowed_because": f"at most {ROUNDINGS:g} times what float32 rounding alone changes in "
        f"hoiquy's own probabilities, and at most {MOST_ROUNDING:g}",
    }


def encoded(vocabulary: Vocabulary, recipe: Recipe, texts: Sequence[str]) -> Indices:
    """(texts, max_length) indices as the recipe wants them."""
    table = recipe.data
    documents = vocabulary.encode_all(texts)
    return pad(documents, None, table.max_length, table.padding, table.truncating)


def _texts(vocabulary: Vocabulary, rng: np.random.Generator, longest: int) -> list[str]:
    """64 texts of 1 to a few more than `longest` words, one in ten unknown."""
    words = [*vocabulary.words[:10_000], *["\x7funknown"] * (len(vocabulary.words) // 10)]
    lengths = rng.integers(1, longest + longest // 4 + 2, 64)
    return [" ".join(words[i] for i in rng.integers(0, len(words), n)) for n in lengths]


def _ngrams_in_a_row(ngrams: Ngrams, recipe: Recipe, rng: np.random.Generator) -> Indices:
    """(64, max_length) indices of known n-grams: random words would hardly hold any."""
    table = recipe.data
    documents = []
    for _ in range(64):
        some = ngrams.indices[rng.integers(0, len(ngrams), rng.integers(1, table.max_length + 1))]
        documents.append(some[some > 0])
    starts = np.cumsum([0, *(len(document) for document in documents)])
    encoded = EncodedDocuments(np.concatenate(documents), starts)
    return pad(encoded, None, table.max_length, table.padding, table.truncating)


def _difference(ours: Array, theirs: Array) -> float:
    if ours.shape != theirs.shape:
        return float("inf")
    differences = np.abs(ours.astype(np.float64) - theirs)
    return float(np.nan_to_num(differences, nan=np.inf).max(initial=0))
