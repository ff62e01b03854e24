"""Simulated trainings of equal recipes: right and wrong, with the luck of seeds and documents.

A training is right about a document if its skill, the document's ease, how well the document suits
the recipe, and chance add up to something positive. All are normal, so both recipes are equally
good on average over all documents and seeds, whatever the three spreads are.
"""

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

ACCURACY_AT, EASE = 3.0, 2.2  # mean and spread of documents: 89% right, seeds disagree on 9%

Right = NDArray[np.bool_]  # (trainings, documents)


def equal_recipes(
    rng: Generator,
    repeats: int,
    documents: int,
    trainings: tuple[int, int],
    of_seeds: tuple[float, float],
    of_suiting: float,
) -> Iterator[tuple[Right, Right]]:
    """Yield pairs of equal recipes.

    of_seeds: how far trainings of each recipe are apart. of_suiting: how differently a document
    suits the two recipes. Both in units of a document's own chance.
    """
    for _ in range(repeats):
        ease = ACCURACY_AT + EASE * rng.standard_normal(documents, dtype=np.float32)
        sides = []
        for count, spread in zip(trainings, of_seeds, strict=True):
            suits = of_suiting * rng.standard_normal(documents, dtype=np.float32)
            skill = np.float32(spread) * rng.standard_normal((count, 1), dtype=np.float32)
            chance = rng.standard_normal((count, documents), dtype=np.float32)
            sides.append(np.asarray(ease + suits + skill + chance > 0))
        yield sides[0], sides[1]
