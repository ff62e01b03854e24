"""Compare an exported ensemble's probabilities with hoiquy's, on texts made of its own words."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hoiquy.interop.ensemble_inputs import EnsembleInputs, known_words
from hoiquy.interop.parity import TOLERANCE, Case, Parity, difference, in_float64
from hoiquy.linear.features import Features
from hoiquy.linear.model import LinearClassifier
from hoiquy.linear.ngram_keys import ROW_BITS, extended, word_keys
from hoiquy.prediction.ensemble import EnsemblePredictor

Exported = Callable[[Mapping[str, NDArray[np.int64]]], NDArray[np.float32]]

_UNKNOWN = "\x7funknown"
_SHAPES = ((1, 1), (64, 2), (3, 5), (17, 20), (1, 128), (33, 60), (8, 400))  # (texts, words)
_FREQUENT = 300  # words whose pairs are looked up
_CHARACTERS = " \n\u3000aáạbcđeêi.,!?'0中文字🙂\ud800"


def check_ensemble_parity(
    predictor: EnsemblePredictor,
    inputs: EnsembleInputs,
    exported: Exported,
    tolerance: float | None = None,
) -> Parity:
    """Compare an exported model's probabilities with hoiquy's.

    The texts are the same every time: an empty one, unknown words, known words, known n-grams of
    words, and random characters, in batches of 1 to 64.

    Args:
        predictor: hoiquy's ensemble.
        inputs: Those of the exported model.
        exported: Runs the exported model.
        tolerance: As in `Parity`.
    """
    rng = np.random.default_rng(0)
    words = _known(inputs)
    batches = {"an empty text": [[""]], "unknown words": [[f"{_UNKNOWN} {_UNKNOWN}"]]}
    batches["texts of known words"] = [_texts(words, rng, *shape) for shape in _SHAPES]
    batches["random characters"] = [
        _texts(list(_CHARACTERS), rng, *shape, between="") for shape in _SHAPES
    ]
    for _, features in inputs.linear.values():
        followers = _followers(features)
        if followers:
            batches["n-grams"] = [_walks(followers, rng, *shape) for shape in _SHAPES]
    limit = TOLERANCE if tolerance is None else tolerance
    cases = [
        _case(predictor, inputs, exported, name, texts, limit)
        for name, several in batches.items()
        for texts in several
    ]
    return Parity(tuple(cases), tolerance)


def _case(
    predictor: EnsemblePredictor,
    inputs: EnsembleInputs,
    exported: Exported,
    name: str,
    texts: list[str],
    tolerance: float,
) -> Case:
    arrays = inputs.arrays(texts)
    length = max(array.shape[1] for array in arrays.values())
    expected = predictor.probabilities(texts)
    found, rounding = difference(expected, exported(arrays)), None
    if found > tolerance:
        rounding = difference(_exact(predictor, inputs, texts, arrays), expected)
    return Case(name, len(texts), length, found, rounding)


def _exact(
    predictor: EnsemblePredictor,
    inputs: EnsembleInputs,
    texts: list[str],
    arrays: Mapping[str, NDArray[np.int64]],
) -> NDArray[np.float64]:
    """The probabilities with all sums in float64."""
    link = predictor.link
    total = np.tile(np.array(predictor.ensemble.offsets), (len(texts), 1))
    sources = iter(inputs.sources)
    for member, models in zip(predictor.ensemble.members, predictor.models, strict=True):
        for model in models:
            names = next(sources)
            if isinstance(model, LinearClassifier):
                rows = model.features.transform(texts).astype(np.float64)
                own = link.normalised(rows @ model.weights.coefficients + model.weights.intercept)
            else:
                indices = arrays[names["indices"]].astype(np.int32)
                own = link.of_probabilities(in_float64(model.model).probabilities(indices))
            total += member.weight / len(models) * own
    return np.asarray(link.probabilities(link.normalised(total)))


def _known(inputs: EnsembleInputs) -> list[str]:
    """Known words of all models, and unknown ones."""
    words = [word for _, features in inputs.linear.values() for word in known_words(features)]
    for network in inputs.networks.values():
        words += network.vocabulary.words[:10_000]
    return [*words, *[_UNKNOWN] * (1 + len(words) // 10)]


def _texts(
    words: Sequence[str], rng: np.random.Generator, texts: int, longest: int, between: str = " "
) -> list[str]:
    lengths = rng.integers(1, longest + 1, texts)
    return [between.join(words[i] for i in rng.integers(0, len(words), n)) for n in lengths]


def _followers(features: Features) -> dict[str, list[str]]:
    """For frequent words, which of them follow in known n-grams, which random words rarely form."""
    if features.settings.words < 2 or not features.words:
        return {}
    table = features.tables[0]
    keys, words = word_keys(features.words), known_words(features)
    counted = np.flatnonzero(np.isin(keys >> np.uint64(ROW_BITS), table.keys))
    columns = np.searchsorted(table.keys, keys[counted] >> np.uint64(ROW_BITS))
    frequent = counted[np.argsort(table.idf[columns], kind="stable")[:_FREQUENT]]
    count = len(frequent)
    pairs = extended(np.repeat(keys[frequent], count), np.tile(keys[frequent], count))
    known = np.isin(pairs >> np.uint64(ROW_BITS), table.keys).reshape(count, count)
    return {
        words[frequent[place]]: [words[other] for other in frequent[row]]
        for place, row in enumerate(known)
        if row.any()
    }


def _walks(
    followers: Mapping[str, list[str]], rng: np.random.Generator, texts: int, longest: int
) -> list[str]:
    """Texts whose neighbouring words are known n-grams, as far as there are any."""
    starts, found = list(followers), []
    for _ in range(texts):
        text = [starts[rng.integers(len(starts))]]
        while len(text) < longest:
            following = followers.get(text[-1], starts)
            text.append(following[rng.integers(len(following))])
        found.append(" ".join(text))
    return found
