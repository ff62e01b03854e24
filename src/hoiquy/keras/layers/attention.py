"""Attention over a sequence of values."""

from typing import Any

from hoiquy.keras.arguments import Argument
from hoiquy.keras.errors import KerasError
from hoiquy.keras.kinds import ANY, BOOLEAN, RATE, choice
from hoiquy.keras.layers.base import Layer
from hoiquy.nn import layers as nn


class _Attention(Layer):
    """Called on [query, value] or [query, value, key].

    The call's options `use_causal_mask` and `return_attention_scores` belong to the layer: all
    calls need the same.
    """

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        options = {
            "causal": bool(kwargs.pop("use_causal_mask", False)),
            "returns_scores": bool(kwargs.pop("return_attention_scores", False)),
        }
        if self.__dict__.setdefault("_options", options) != options:
            raise KerasError(f"{self.name}: all calls need the same options; use another layer")
        return super().__call__(inputs, *args, **kwargs)

    def nn_settings(self) -> dict[str, Any]:
        return super().nn_settings() | self.__dict__.get("_options", {})


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
