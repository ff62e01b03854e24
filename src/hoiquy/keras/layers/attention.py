"""Attention over a sequence of values."""

from collections.abc import Sequence
from typing import Any

from hoiquy.keras.arguments import Argument
from hoiquy.keras.errors import KerasError, KerasTypeError, NotSupportedError
from hoiquy.keras.kinds import (
    ANY,
    BOOLEAN,
    CONSTRAINT,
    INITIALIZER,
    POSITIVE,
    RATE,
    REGULARIZER,
    Kind,
    choice,
    one_integer,
    only,
    optional,
)
from hoiquy.keras.layers.base import Layer
from hoiquy.keras.tensors import Shape
from hoiquy.nn import layers as nn
from hoiquy.nn.layers import Layer as NNLayer


class _Attention(Layer):
    """Called on [query, value] or [query, value, key].

    The call's options `use_causal_mask` and `return_attention_scores` belong to the layer: all
    calls need the same.
    """

    call_options = ("use_causal_mask", "return_attention_scores")

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        options = {
            "causal": bool(kwargs.get("use_causal_mask")),
            "returns_scores": bool(kwargs.get("return_attention_scores")),
        }
        if self.__dict__.setdefault("_options", options) != options:
            raise KerasError(f"{self.name}: all calls need the same options; use another layer")
        return super().__call__(inputs, *args, **kwargs)

    def nn_settings(self) -> dict[str, Any]:
        options: dict[str, Any] = self.__dict__.get("_options", {})
        return super().nn_settings() | options


class Attention(_Attention):
    """Dot-product attention (Luong et al. 2015)."""

    arguments = (
        Argument("use_scale", False, BOOLEAN),
        Argument("score_mode", "dot", choice("dot", "concat")),
        Argument("dropout", 0.0, RATE),
        Argument("seed", None, ANY, field=""),
    )
    nn_class = nn.Attention


class AdditiveAttention(_Attention):
    """Additive attention (Bahdanau et al. 2015)."""

    arguments = (
        Argument("use_scale", True, BOOLEAN),
        Argument("dropout", 0.0, RATE),
        Argument("seed", None, ANY, field=""),
    )
    nn_class = nn.AdditiveAttention


def _time_axis(value: Any, where: str) -> Any:
    """The only axes that are supported; Keras saves [1] in place of None."""
    if value not in (None, 1, [1], (1,)):
        raise NotSupportedError(f"{where}={value!r} is not supported: time is the axis")
    return None


class MultiHeadAttention(_Attention):
    """Several dot-product attentions side by side (Vaswani et al. 2017).

    Called on a query and a value, and on a key where it is not the value: `layer(query, value)`.
    """

    arguments = (
        Argument("num_heads", kind=POSITIVE),
        Argument("key_dim", kind=POSITIVE),
        Argument("value_dim", None, optional(POSITIVE)),
        Argument("dropout", 0.0, RATE),
        Argument("use_bias", True, BOOLEAN),
        Argument("output_shape", None, optional(Kind(one_integer)), field="units"),
        Argument("attention_axes", None, Kind(_time_axis), field=""),
        Argument("sliding_window", None, only(None, "all steps are seen"), field=""),
        Argument("flash_attention", None, field="", saved=False),
        Argument("kernel_initializer", "glorot_uniform", INITIALIZER),
        Argument("bias_initializer", "zeros", INITIALIZER),
        Argument("kernel_regularizer", None, REGULARIZER),
        Argument("bias_regularizer", None, REGULARIZER),
        Argument("kernel_constraint", None, CONSTRAINT),
        Argument("bias_constraint", None, CONSTRAINT),
        Argument("use_gate", False, only(False, "there is no gate"), field=""),
        Argument("seed", None, ANY, field=""),
    )
    nn_class = nn.MultiHeadAttention
    takes_separate_inputs = True

    def __call__(  # type: ignore[override]
        self, query: Any = None, value: Any = None, key: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        if kwargs.pop("attention_mask", None) is not None:
            raise NotSupportedError(f"{self.name}: attention_mask=… is not supported; masks of the "
                                    "inputs and use_causal_mask are")  # fmt: skip
        if isinstance(query, list | tuple) and value is None:
            inputs = list(query)
        else:
            inputs = [each for each in (query, value, key) if each is not None]
        if len(inputs) < 2:
            raise KerasTypeError(f"{self.name} takes a query and a value: layer(query, value)")
        return super().__call__(inputs, *args, **kwargs)

    def create(self, shapes: Sequence[Shape]) -> NNLayer:
        layer = super().create(shapes)
        parts = ("query", "key", "value", "attention_output")
        for of in ("penalties", "constraints"):
            own = getattr(layer, of)
            setattr(layer, of, {f"{p}/{key}": one for p in parts for key, one in own.items()})
        return layer

    def get_config(self) -> dict[str, Any]:
        """The arguments; `value_dim` as Keras fills it in."""
        config = super().get_config()
        return config | {"value_dim": config["value_dim"] or config["key_dim"]}

    def build_config(self) -> dict[str, Any] | None:
        if not self.build_shapes:
            return None
        names = ("query_shape", "value_shape", "key_shape")
        shapes = zip(names, self.build_shapes, strict=False)
        return {"shapes_dict": {name: list(shape) for name, shape in shapes}}
