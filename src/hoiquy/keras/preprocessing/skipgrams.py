"""Pairs of words for word2vec (Mikolov et al. 2013), as Keras makes them."""

import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_EULER = 0.577  # Keras' value of the Euler-Mascheroni constant


def make_sampling_table(size: int, sampling_factor: float = 1e-5) -> NDArray[np.float64]:
    """Return the probability of keeping the word of each rank, (size,) float64.

    Frequencies are those of Zipf's law; frequent words are kept less often.
    """
    rank = np.arange(size)
    rank[0] = 1
    inverse_frequency = rank * (np.log(rank) + _EULER) + 0.5 - 1.0 / (12.0 * rank)
    scaled = sampling_factor * inverse_frequency
    return np.asarray(np.minimum(1.0, scaled / np.sqrt(scaled)))


def skipgrams(
    sequence: Sequence[int],
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: Any = None,
    seed: int | None = None,
) -> tuple[list[list[int]], list[Any]]:
    """Return pairs of word indices and their labels, from Python's global random generator.

    Args:
        sequence: Word indices; 0 is no word and is skipped.
        vocabulary_size: One more than the largest index.
        window_size: Words to each side that pair with a word.
        negative_samples: Random pairs for each real one.
        shuffle: Whether to shuffle the pairs.
        categorical: Labels [0, 1] and [1, 0] in place of 1 and 0.
        sampling_table: Probability of keeping each index, from `make_sampling_table`.
        seed: Of the shuffling.
    """
    pairs = list(_pairs(sequence, window_size, sampling_table))
    real, made_up = ([0, 1], [1, 0]) if categorical else (1, 0)
    labels: list[Any] = [real for _ in pairs]
    if negative_samples > 0:
        words = [word for word, _ in pairs]
        random.shuffle(words)
        count = int(len(labels) * negative_samples)
        pairs += [
            [words[i % len(words)], random.randint(1, vocabulary_size - 1)] for i in range(count)
        ]
        labels += [made_up] * count
    if shuffle:
        chosen = random.randint(0, 10_000_000) if seed is None else seed
        for values in (pairs, labels):
            random.seed(chosen)
            random.shuffle(values)
    return pairs, labels


def _pairs(sequence: Sequence[int], window: int, table: Any) -> Iterator[list[int]]:
    for at, word in enumerate(sequence):
        if not word or (table is not None and table[word] < random.random()):
            continue
        for other in range(max(0, at - window), min(len(sequence), at + window + 1)):
            if other != at and sequence[other]:
                yield [word, sequence[other]]
