"""Compare an exported model's probabilities with hoiquy's, and write the certificate."""

import json
import platform
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any

import numpy as np

from hoiquy.nn.kernels import Array
from hoiquy.nn.layers import Bidirectional, ConcatPooling, Layer, MaxPooling, MeanPooling
from hoiquy.nn.model import Indices, Model
from hoiquy.recipe.recipe import Recipe
from hoiquy.text import EncodedDocuments, Ngrams, Vocabulary, pad

TOLERANCE = 1e-5
# A network that reads raw numbers through relu (bai1, bai2) has logits in the thousands, so float32
# gives its probabilities to four digits only. Two orders of summation may differ by several times
# that, and ONNX Runtime's tanh is off by seven times as much as ours where it is nearly constant.
# The limits are far below the effect of a wrong gate.
ROUNDINGS, MOST_ROUNDING = 30.0, 1e-3
# (batch, length); a model of fixed length is checked at that length.
SHAPES = (
    (1, 1), (64, 1), (3, 2), (2, 7), (5, 20), (17, 64), (1, 128), (64, 90), (8, 200), (33, 333),
    (1, 500), (64, 500),
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One batch of the check.

    largest_difference: of a probability; infinity where the exported model gives NaN.
    own_rounding: of hoiquy's probabilities from float64, if that exceeds the tolerance.
    undefined: documents skipped because a relu layer overflows in hoiquy too.
    """

    inputs: str
    batch: int
    length: int
    largest_difference: float
    own_rounding: float | None = None
    undefined: int = 0

    def within(self, tolerance: float, hard: bool) -> bool:
        """Return whether the difference is within tolerance or, unless `hard`, due to rounding."""
        if self.largest_difference <= tolerance:
            return True
        allowed = ROUNDINGS * (self.own_rounding or 0.0)
        return not hard and self.largest_difference <= min(allowed, MOST_ROUNDING)


@dataclass(frozen=True)
class Parity:
    """The result of the check.

    tolerance: a hard limit; None is TOLERANCE, which rounding may exceed.
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
    def failed(self) -> Case | None:
        """The case with the largest difference that rounding does not explain, if any."""
        hard = self.tolerance is not None
        wrong = [case for case in self.cases if not case.within(self.limit, hard)]
        return max(wrong, key=lambda case: case.largest_difference, default=None)

    @property
    def explained_by_rounding(self) -> Case | None:
        """The case with the largest difference above the tolerance, if any; see `failed`."""
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

    The inputs are the same every time: an empty text, unknown words, texts of known words, known
    n-grams, and random indices in batches of 1 to 64 documents.

    Args:
        model: hoiquy's model.
        recipe: Its recipe.
        vocabulary: Its vocabulary.
        exported: Runs the exported model on indices (batch, time).
        any_length: Whether to vary the length from 1 to 500; else it is the recipe's.
        tolerance: As in `Parity`.
    """
    rng = np.random.default_rng(0)
    rows = max(vocabulary.index_count, 2)
    texts = {
        "an empty text": [""],
        "unknown words": ["\x7funknown \x7fwords"],
        "texts of known words": _texts(vocabulary, rng, recipe.data.max_length),
    }
    batches = [(name, padded_indices(vocabulary, recipe, some)) for name, some in texts.items()]
    if vocabulary.ngrams is not None and len(vocabulary.ngrams):
        batches.append(("n-grams", _ngrams_in_a_row(vocabulary.ngrams, recipe, rng)))
    for batch, length in SHAPES:
        length = length if any_length else recipe.data.max_length
        indices = rng.integers(1, rows, (batch, length), dtype=np.int32)
        kept = rng.integers(1, length + 1, (batch, 1))  # every second document is padded
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
    """Drop documents without any index, which occur without a start token, if the model pools.

    Keras' pooling gives NaN for them.
    """
    pooling = MaxPooling | MeanPooling | ConcatPooling
    pools = any(isinstance(layer, pooling) for layer in model.layers)
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
        expected = model.output.probabilities(logits[defined])
        found, rounding = difference(expected, exported(indices)[defined]), None
        if found > tolerance:
            exact = in_float64(model).probabilities(indices[defined])
            rounding = difference(exact, expected)
    return Case(name, batch, length, found, rounding, batch - int(defined.sum()))


def in_float64(model: Model) -> Model:
    """Return a copy of a model that computes in float64 with the plain kernels."""
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
    """Return the bytes of `model.parity.json`; hashes: sha256 of the files by name."""
    values: dict[str, Any] = {
        "format": kind,
        "compared": "probabilities, with those of hoiquy on the same inputs",
        "largest_difference": parity.largest.largest_difference,
        "found_on": asdict(parity.largest),
        "tolerance": parity.limit,
        "beyond_tolerance": _beyond_tolerance(parity),
        "documents": sum(case.batch for case in parity.cases),
        "cases": [asdict(case) for case in parity.cases],
        "sha256": hashes,
        "versions": {"python": platform.python_version(), "processor": platform.machine()}
        | {name: metadata.version(name) for name in ("hoiquy", "numpy", *packages)},
    }
    return (json.dumps(values, indent=1) + "\n").encode("ascii")


def _beyond_tolerance(parity: Parity) -> dict[str, Any] | None:
    """Describe an accepted difference above the tolerance."""
    case = parity.explained_by_rounding
    if case is None:
        return None
    return {
        "largest_difference": case.largest_difference,
        "own_rounding": case.own_rounding,
        "allowed_because": f"at most {ROUNDINGS:g} times what float32 rounding alone changes in "
        f"hoiquy's own probabilities, and at most {MOST_ROUNDING:g}",
    }


def padded_indices(vocabulary: Vocabulary, recipe: Recipe, texts: Sequence[str]) -> Indices:
    """Return the indices (texts, max_length), padded and truncated by the recipe."""
    table = recipe.data
    documents = vocabulary.encode_all(texts)
    return pad(documents, None, table.max_length, table.padding, table.truncating)


def _texts(vocabulary: Vocabulary, rng: np.random.Generator, longest: int) -> list[str]:
    """Return 64 texts of 1 to about 1.25 * longest words, one word in ten unknown."""
    words = [*vocabulary.words[:10_000], *["\x7funknown"] * (len(vocabulary.words) // 10)]
    lengths = rng.integers(1, longest + longest // 4 + 2, 64)
    return [" ".join(words[i] for i in rng.integers(0, len(words), n)) for n in lengths]


def _ngrams_in_a_row(ngrams: Ngrams, recipe: Recipe, rng: np.random.Generator) -> Indices:
    """Return indices (64, max_length) of known n-grams, which random words rarely form."""
    table = recipe.data
    documents = []
    for _ in range(64):
        rows = rng.integers(0, len(ngrams), rng.integers(1, table.max_length + 1))
        indices = ngrams.indices[rows]
        documents.append(indices[indices > 0])
    starts = np.cumsum([0, *(len(document) for document in documents)])
    joined = EncodedDocuments(np.concatenate(documents), starts)
    return pad(joined, None, table.max_length, table.padding, table.truncating)


def difference(first: Array, second: Array) -> float:
    """The largest one; infinity for NaN, and for other shapes."""
    if first.shape != second.shape:
        return float("inf")
    differences = np.abs(first.astype(np.float64) - second)
    return float(np.nan_to_num(differences, nan=np.inf).max(initial=0))
