"""MultiHeadAttention (Vaswani et al. 2017), as in Keras."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.nn.activations import activation_of
from hoiquy.nn.initializers import GlorotUniform, Initializer, Zeros
from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Call, Context, Gradients, Layer, Shape, known_features
from hoiquy.nn.layers.dropout import dropout_factors

_LEAST = np.float32(-1e9)  # the score of what does not count


class _Weights(NamedTuple):
    """The scores and the weights of all heads, (batch, heads, steps, values) each.

    hidden: the scores, those that do not count very small.
    weights: their softmax. shown: those that are an output. kept: after dropout by `factors`.
    zeroed, counted: which weights, and scores, count; None: all do.
    """

    hidden: Array
    weights: Array
    shown: Array
    kept: Array
    factors: Array | None
    zeroed: Mask | None
    counted: Mask | None


@dataclass
class MultiHeadAttention(Layer):
    """Query, value and, if it is another one, key → values weighted by softmax(scores) by head.

    Shapes: query (batch, steps, features), value and key (batch, values, features); the output is
    (batch, steps, units). The masks of the inputs leave steps and values out; the query's is the
    output's.

    key_dim, value_dim: of each head; the value's is the key's by default.
    units: of the output; by default the features of the query.
    dropout: of the weights.
    causal: whether a step sees only values at and before its place.
    returns_scores: whether the weights (batch, heads, steps, values) are a second output.
    """

    num_heads: int = 1
    key_dim: int = 1
    value_dim: int | None = None
    units: int | None = None
    dropout: float = 0.0
    use_bias: bool = True
    causal: bool = False
    returns_scores: bool = False
    kernel_initializer: Initializer = field(default_factory=GlorotUniform)
    bias_initializer: Initializer = field(default_factory=Zeros)

    def build(self, shapes: Sequence[Shape], rng: Generator, dtype: DTypeLike = np.float32) -> None:
        ((*_, units), *_) = self.output_shapes(shapes)
        heads, of_key, of_value = self.num_heads, self.key_dim, self.value_dim or self.key_dim
        assert units is not None
        features = [known_features(self, shape) for shape in (shapes[0], shapes[-1], shapes[1])]
        for part, inputs, size in zip(
            ("query", "key", "value"), features, (of_key, of_key, of_value), strict=True
        ):
            self._add(part, (inputs, heads, size), (heads, size), rng, dtype)
        self._add("attention_output", (heads, of_value, units), (units,), rng, dtype)

    def _add(
        self, part: str, kernel: tuple[int, ...], bias: tuple[int, ...], rng: Generator,
        dtype: DTypeLike,
    ) -> None:  # fmt: skip
        self.add_parameter(f"{part}/kernel", kernel, self.kernel_initializer, rng, dtype)
        if self.use_bias:
            self.add_parameter(f"{part}/bias", bias, self.bias_initializer, rng, dtype)

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        expected = "query and value, or query, value and key, each (batch, time, features)"
        if len(shapes) not in (2, 3) or any(len(shape) != 3 for shape in shapes):
            raise self.refuse_shapes(shapes, expected)
        query, value, key = *shapes[:2], shapes[-1]
        if None not in (value[1], key[1]) and value[1] != key[1]:
            raise self.refuse_shapes(shapes, "as many steps in the value as in the key")
        for part, shape in (("query", query), ("key", key), ("value", value)):
            if f"{part}/kernel" in self.parameters:
                self.require_size(shape, -1, len(self.parameters[f"{part}/kernel"]))
        output = (*query[:2], self.units or query[-1])
        scores = (query[0], self.num_heads, query[1], value[1])
        return (output, scores) if self.returns_scores else (output,)

    def call(self, inputs: Sequence[Array], masks: Sequence[Mask | None], context: Context) -> Call:
        query, value, key = *inputs[:2], inputs[-1]
        parts = {"query": query, "key": key, "value": value}
        heads = {part: self._projected(part, x) for part, x in parts.items()}
        counted = self._counted(inputs, masks)
        saved = self._weights(heads, counted, context)
        attended = saved.kept @ heads["value"]
        y = self._output(attended)
        if self.use_bias:
            y = y + self.parameters["attention_output/bias"]

        def backward(
            d_outputs: Sequence[Array | None],
        ) -> tuple[tuple[Array | None, ...], Gradients]:
            d_y = np.zeros_like(y) if d_outputs[0] is None else d_outputs[0]
            d_attended, gradients = self._output_gradients(d_y, attended)
            d_shown = d_outputs[1] if self.returns_scores else None
            d_scores = self._d_scores(d_attended @ heads["value"].swapaxes(2, 3), d_shown, saved)
            d_heads = {
                "query": (d_scores @ heads["key"]) * self._scale(query),
                "key": d_scores.swapaxes(2, 3) @ (heads["query"] * self._scale(query)),
                "value": saved.kept.swapaxes(2, 3) @ d_attended,
            }
            d_parts = {}
            for part, d_part in d_heads.items():
                d_parts[part], own = self._input_gradients(part, d_part, parts[part])
                gradients |= own
            if len(inputs) == 2:
                return (d_parts["query"], d_parts["value"] + d_parts["key"]), gradients
            return (d_parts["query"], d_parts["value"], d_parts["key"]), gradients

        if self.returns_scores:
            return Call((y, saved.shown), (masks[0], None), backward)
        return Call((y,), (masks[0],), backward)

    def _scale(self, x: Array) -> Array:
        return np.asarray(1 / np.sqrt(self.key_dim), x.dtype)

    def _weights(
        self, heads: Mapping[str, Array], counted: Mask | None, context: Context
    ) -> _Weights:
        query = heads["query"]
        scores = (query * self._scale(query)) @ heads["key"].swapaxes(2, 3)
        least = scores.dtype.type(_LEAST)
        hidden = scores if counted is None else np.where(counted, scores, least)
        weights = activation_of("softmax").function(hidden)
        # Keras has two ways: this one for steps without any value that counts.
        zeroed = counted if self.dropout > 0 or self.returns_scores else None
        shown = weights if zeroed is None else np.where(zeroed, weights, weights.dtype.type(0))
        factors = None
        if context.rng is not None and self.dropout > 0:
            factors = dropout_factors(shown.shape, self.dropout, context.rng, shown)
        kept = shown if factors is None else shown * factors
        return _Weights(hidden, weights, shown, kept, factors, zeroed, counted)

    @staticmethod
    def _d_scores(d_kept: Array, d_shown: Array | None, saved: _Weights) -> Array:
        """The gradient of the scores, given those of the weights in use and as an output."""
        d_weights = d_kept if saved.factors is None else d_kept * saved.factors
        d_weights = d_weights if d_shown is None else d_weights + d_shown
        zero = d_weights.dtype.type(0)
        d_weights = d_weights if saved.zeroed is None else np.where(saved.zeroed, d_weights, zero)
        d_scores = activation_of("softmax").gradient(d_weights, saved.hidden, saved.weights)
        return d_scores if saved.counted is None else np.where(saved.counted, d_scores, zero)

    def _projected(self, part: str, x: Array) -> Array:
        """(batch, heads, steps, size) of an input, row by row, whose bits depend on no other."""
        kernel = self.parameters[f"{part}/kernel"]
        together = x @ kernel.reshape(len(kernel), -1)
        projected = together.reshape(*x.shape[:2], *kernel.shape[1:]).swapaxes(1, 2)
        if self.use_bias:
            projected = projected + self.parameters[f"{part}/bias"][:, None]
        return np.ascontiguousarray(projected)

    def _output(self, attended: Array) -> Array:
        """(batch, steps, units) of (batch, heads, steps, size), without bias, row by row."""
        kernel = self.parameters["attention_output/kernel"]
        batch, _, steps, _ = attended.shape
        together = attended.swapaxes(1, 2).reshape(batch, steps, -1)
        return np.asarray(together @ kernel.reshape(-1, kernel.shape[-1]))

    def _input_gradients(self, part: str, d_part: Array, x: Array) -> tuple[Array, Gradients]:
        kernel = self.parameters[f"{part}/kernel"]
        gradients: Gradients = {
            f"{part}/kernel": np.einsum("bsf,bnsh->fnh", x, d_part, optimize=True)
        }
        if self.use_bias:
            gradients[f"{part}/bias"] = d_part.sum(axis=(0, 2))
        return np.einsum("bnsh,fnh->bsf", d_part, kernel, optimize=True), gradients

    def _output_gradients(self, d_y: Array, attended: Array) -> tuple[Array, Gradients]:
        kernel = self.parameters["attention_output/kernel"]
        gradients: Gradients = {
            "attention_output/kernel": np.einsum("bnsh,bso->nho", attended, d_y, optimize=True)
        }
        if self.use_bias:
            gradients["attention_output/bias"] = d_y.sum(axis=(0, 1))
        return np.einsum("bso,nho->bnsh", d_y, kernel, optimize=True), gradients

    def _counted(self, inputs: Sequence[Array], masks: Sequence[Mask | None]) -> Mask | None:
        """Which scores count, as (batch, 1, steps, values) broadcasts; None: all do."""
        of_query, *of_values = masks
        known = [] if of_query is None else [of_query[:, None, :, None]]
        known += [mask[:, None, None, :] for mask in of_values if mask is not None]
        if self.causal:
            steps, values = inputs[0].shape[1], inputs[1].shape[1]
            known.append(np.tril(np.ones((steps, values), bool))[None, None])
        combine: Callable[[Mask, Mask], Mask] = np.logical_and
        return reduce(combine, known) if known else None
