"""Random losses, targets, weights and optimizers for a random model of Keras."""

from typing import Any, NamedTuple

import numpy as np

import optimizer_cases
from random_keras_models import ROWS, SHAPES, UNITS_OF_HEAD, WORDS, Array, Draw, Head

# Kinds of targets, and losses with their settings, that fit each kind of head.
LOSSES: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
    "binary": [
        ("binary", "BinaryCrossentropy", {}), ("binary", "BinaryCrossentropy", {}),
        ("binary", "BinaryCrossentropy", {"label_smoothing": 0.1}),
        ("binary", "BinaryFocalCrossentropy", {}), ("numbers", "MeanSquaredError", {}),
    ],
    "labels": [
        ("binary", "BinaryCrossentropy", {}), ("binary", "BinaryFocalCrossentropy", {}),
        ("binary", "MeanAbsoluteError", {}),
    ],
    "classes": [
        ("indices", "SparseCategoricalCrossentropy", {}),
        ("indices", "SparseCategoricalCrossentropy", {}),
        ("indices", "SparseCategoricalCrossentropy", {"ignore_class": 1}),
        ("one hot", "CategoricalCrossentropy", {}),
        ("one hot", "CategoricalCrossentropy", {"label_smoothing": 0.1}),
        ("one hot", "CategoricalFocalCrossentropy", {}), ("shares", "KLDivergence", {}),
    ],
    "logits": [
        ("indices", "SparseCategoricalCrossentropy", {"from_logits": True}),
        ("one hot", "CategoricalCrossentropy", {"from_logits": True}),
        ("binary", "BinaryCrossentropy", {"from_logits": True}),
        ("one hot", "CategoricalHinge", {}), ("binary", "SquaredHinge", {}),
    ],
    "numbers": [
        ("numbers", "MeanSquaredError", {}), ("numbers", "MeanAbsoluteError", {}),
        ("numbers", "Huber", {"delta": 0.5}), ("numbers", "LogCosh", {}),
        ("numbers", "CosineSimilarity", {}),
    ],
}  # fmt: skip
METRICS = {"indices": "accuracy", "one hot": "accuracy", "binary": "accuracy"}


class Batch(NamedTuple):
    inputs: list[Array]
    targets: list[Array]
    weights: list[Array] | None


class Plan:
    """How a model is compiled, and on which batches it trains."""

    def __init__(self, seed: int, inputs: tuple[str, ...], heads: list[Head]) -> None:
        self.inputs, self.heads = inputs, heads
        draw = self._draw = Draw(seed + 1_000_000)
        self.losses = [draw.one(*LOSSES[head.kind]) for head in heads]
        self.loss_weights = [0.7, 1.5] if len(heads) == 2 and draw.chance(0.5) else None
        self.optimizer = draw.one(*optimizer_cases.CASES)
        if "lion" in self.optimizer:  # takes signs, which rounding may turn
            self.optimizer = "adagrad"
        self.weighting = draw.one("none", "none", "rows", "steps", "classes")
        self.class_weight = {0: 0.5, 1: 2.0, 2: 1.5} if self._takes_classes() else None
        self.batches = [self._batch() for _ in range(5)]

    def compile(self, k: Any, model: Any, optimizer: Any = None, **settings: Any) -> None:
        losses = [getattr(k.losses, name)(**options) for _, name, options in self.losses]
        if optimizer is None:
            name, options = optimizer_cases.CASES[self.optimizer]
            optimizer = getattr(k.optimizers, name)(**options)
        one = len(losses) == 1
        model.compile(
            optimizer, loss=losses[0] if one else losses, loss_weights=self.loss_weights, **settings
        )

    def metrics(self) -> Any:
        names = [[METRICS.get(targets, "mae")] for targets, _, _ in self.losses]
        return names[0] if len(names) == 1 else names

    def joined(self, start: int, count: int) -> Batch:
        """Several batches as one."""
        columns: list[Any] = []
        for parts in zip(*self.batches[start : start + count], strict=True):
            some = None if parts[0] is None else zip(*parts, strict=True)
            columns.append(None if some is None else [np.concatenate(arrays) for arrays in some])
        return Batch(*columns)

    def _takes_classes(self) -> bool:
        return (
            self.weighting == "classes" and len(self.heads) == 1 and self.heads[0].steps is None
            and self.losses[0][0] in ("indices", "one hot")
        )  # fmt: skip

    def _batch(self) -> Batch:
        inputs = [self._input(kind) for kind in self.inputs]
        targets = [
            self._target(head, loss[0]) for head, loss in zip(self.heads, self.losses, strict=True)
        ]
        weights = None
        if self.weighting in ("rows", "steps"):
            weights = [self._weight(head) for head in self.heads]
        return Batch(inputs, targets, weights)

    def _input(self, kind: str) -> Array:
        rng = self._draw.rng
        lengths = rng.integers(1, SHAPES["words"][0] + 1, ROWS)
        padded = np.arange(SHAPES["words"][0]) >= lengths[:, None]
        if self._draw.chance(0.5):
            padded = padded[:, ::-1]
        if kind == "words":
            return np.where(padded, 0, rng.integers(1, WORDS, padded.shape)).astype(np.int32)
        x = rng.standard_normal((ROWS, *SHAPES[kind])).astype(np.float32)
        return np.where(padded[:, :, None], np.float32(0), x) if kind == "steps" else x

    def _target(self, head: Head, kind: str) -> Array:
        rng, units = self._draw.rng, UNITS_OF_HEAD[head.kind]
        rows = (ROWS,) if head.steps is None else (ROWS, head.steps)
        if kind == "indices":
            return rng.integers(0, units, rows).astype(np.int32)
        if kind == "one hot":
            return np.eye(units, dtype=np.float32)[rng.integers(0, units, rows)]
        if kind == "shares":
            return rng.dirichlet(np.ones(units), rows).astype(np.float32)
        if kind == "binary":
            return rng.integers(0, 2, (*rows, units)).astype(np.float32)
        return rng.standard_normal((*rows, units)).astype(np.float32)

    def _weight(self, head: Head) -> Array:
        shape: tuple[int, ...] = (ROWS,)
        if head.steps is not None:
            shape = (ROWS, head.steps if self.weighting == "steps" else 1)
        return self._draw.rng.random(shape).astype(np.float32)
