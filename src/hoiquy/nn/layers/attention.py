"""Attention (Luong et al. 2015) and AdditiveAttention (Bahdanau et al. 2015), as in Keras."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.nn.activations import activation_of
from hoiquy.nn.initializers import glorot_uniform, ones
from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Call, Context, Gradients, Layer, Shape, known_features
from hoiquy.nn.layers.dropout import dropout_factors

MASKED = 1e9  # subtracted from scores that do not count, as in Keras
ScoresBackward = Callable[[Array], tuple[Array, Array, Gradients]]


@dataclass
class _Attention(Layer):
    """Query, value and, if it is another one, key → the values weighted by softmax(scores).

    Shapes: query (batch, steps, features), value and key (batch, values, features). The mask of the
    value leaves values out; that of the query is the output's, and steps that do not count are 0.

    dropout: of the weights.
    causal: whether a step sees only values at and before its place.
    returns_scores: whether the weights (batch, steps, values) are a second output.
    """

    dropout: float = 0.0
    causal: bool = False
    returns_scores: bool = False

    @abstractmethod
    def scores(self, query: Array, key: Array) -> tuple[Array, ScoresBackward]:
        """The scores (batch, steps, values).

        backward(d_scores) → (d_query, d_key, gradients of the parameters).
        """

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        expected = "query and value, or query, value and key, each (batch, time, features)"
        if len(shapes) not in (2, 3) or any(len(shape) != 3 for shape in shapes):
            raise self.refuse_shapes(shapes, expected)
        query, value, key = *shapes[:2], shapes[-1]
        if query[-1] != key[-1]:
            raise self.refuse_shapes(shapes, "as many features in the query as in the key")
        if None not in (value[1], key[1]) and value[1] != key[1]:
            raise self.refuse_shapes(shapes, "as many steps in the value as in the key")
        output = (*query[:2], value[-1])
        return (output, (*query[:2], value[1])) if self.returns_scores else (output,)

    def call(self, inputs: Sequence[Array], masks: Sequence[Mask | None], context: Context) -> Call:
        query, value, key = *inputs[:2], inputs[-1]
        query_mask, value_mask = masks[:2]
        scores, scores_backward = self.scores(query, key)
        hidden = self._hidden(scores, value_mask)
        softmax = activation_of("softmax")
        masked = scores if hidden is None else np.where(hidden, scores - MASKED, scores)
        weights = softmax.function(masked.astype(scores.dtype, copy=False))
        factors = None
        if context.rng is not None and self.dropout > 0:
            factors = dropout_factors(weights.shape, self.dropout, context.rng, weights)
        kept = weights if factors is None else weights * factors
        y = kept @ value
        counted = None if query_mask is None else query_mask[..., None]

        def backward(
            d_outputs: Sequence[Array | None],
        ) -> tuple[tuple[Array | None, ...], Gradients]:
            d_y = np.zeros_like(y) if d_outputs[0] is None else d_outputs[0]
            d_y = d_y if counted is None else np.where(counted, d_y, d_y.dtype.type(0))
            d_kept = d_y @ value.swapaxes(1, 2)
            if self.returns_scores and d_outputs[1] is not None:
                d_kept = d_kept + d_outputs[1]
            d_weights = d_kept if factors is None else d_kept * factors
            d_scores = softmax.gradient(d_weights, masked, weights)
            d_query, d_key, gradients = scores_backward(d_scores)
            d_value = kept.swapaxes(1, 2) @ d_y
            if len(inputs) == 2:
                return (d_query, d_value + d_key), gradients
            return (d_query, d_value, d_key), gradients

        shown = y if counted is None else np.where(counted, y, y.dtype.type(0))
        if self.returns_scores:
            return Call((shown, kept), (query_mask, None), backward)
        return Call((shown,), (query_mask,), backward)

    def _hidden(self, scores: Array, value_mask: Mask | None) -> Mask | None:
        """Which scores do not count; None: all do."""
        hidden = None if value_mask is None else np.logical_not(value_mask)[:, None]
        if self.causal:
            later = np.triu(np.ones(scores.shape[1:], bool), 1)[None]
            return later if hidden is None else hidden | later
        return hidden


@dataclass
class Attention(_Attention):
    """The score is the product of query and key, or with "concat" the sum of tanh(query + key).

    use_scale: whether the product, or the argument of tanh, has a trained factor.
    """

    use_scale: bool = False
    score_mode: str = "dot"

    def build(self, shapes: Sequence[Shape], rng: Generator, dtype: DTypeLike = np.float32) -> None:
        self.output_shapes(shapes)
        if self.use_scale:
            self.add_parameter("scale", (), ones, rng, dtype)
        if self.score_mode == "concat":
            self.add_parameter("concat_score_weight", (), ones, rng, dtype)

    def scores(self, query: Array, key: Array) -> tuple[Array, ScoresBackward]:
        scale = self.parameters.get("scale", np.ones((), query.dtype))
        if self.score_mode == "concat":
            return self._concat_scores(query, key, scale)
        product = query @ key.swapaxes(1, 2)

        def backward(d_scores: Array) -> tuple[Array, Array, Gradients]:
            d_product = d_scores * scale
            gradients: Gradients = {}
            if self.use_scale:
                gradients["scale"] = np.asarray((d_scores * product).sum())
            return d_product @ key, d_product.swapaxes(1, 2) @ query, gradients

        return product * scale, backward

    def _concat_scores(
        self, query: Array, key: Array, scale: Array
    ) -> tuple[Array, ScoresBackward]:
        weight = self.parameters["concat_score_weight"]
        both = query[:, :, None] + key[:, None]
        hidden = np.tanh(scale * both)
        sums = hidden.sum(axis=-1)

        def backward(d_scores: Array) -> tuple[Array, Array, Gradients]:
            d_scaled = (d_scores * weight)[..., None] * (1 - hidden * hidden)
            gradients: Gradients = {}
            if self.use_scale:
                gradients["scale"] = np.asarray((d_scaled * both).sum())
            gradients["concat_score_weight"] = np.asarray((d_scores * sums).sum())
            d_both = d_scaled * scale
            return d_both.sum(axis=2), d_both.sum(axis=1), gradients

        return sums * weight, backward


@dataclass
class AdditiveAttention(_Attention):
    """The score is the sum of tanh(query + key), with use_scale weighted by feature."""

    use_scale: bool = True

    def build(self, shapes: Sequence[Shape], rng: Generator, dtype: DTypeLike = np.float32) -> None:
        self.output_shapes(shapes)
        if self.use_scale:
            features = known_features(self, shapes[0])
            self.add_parameter("scale", (features,), glorot_uniform, rng, dtype)

    def scores(self, query: Array, key: Array) -> tuple[Array, ScoresBackward]:
        scale = self.parameters.get("scale", np.ones(query.shape[-1], query.dtype))
        hidden = np.tanh(query[:, :, None] + key[:, None])

        def backward(d_scores: Array) -> tuple[Array, Array, Gradients]:
            gradients: Gradients = {}
            if self.use_scale:
                gradients["scale"] = (d_scores[..., None] * hidden).sum(axis=(0, 1, 2))
            d_both = d_scores[..., None] * scale * (1 - hidden * hidden)
            return d_both.sum(axis=2), d_both.sum(axis=1), gradients

        return hidden @ scale, backward
