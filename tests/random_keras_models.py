"""Random models that the same draws build in Keras and in hoiquy.keras."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
ROWS, TIME, FEATURES, WORDS, WIDTH = 6, 6, 3, 20, 4
SHAPES: dict[str, tuple[int, ...]] = {
    "words": (TIME,), "steps": (TIME, FEATURES), "row": (FEATURES,),
}  # fmt: skip
CELLS = ("SimpleRNN", "LSTM", "GRU")
MERGING = ("Add", "Multiply", "Average", "Maximum", "Subtract", "Concatenate", "Dot")
UNITS_OF_HEAD = {"binary": 1, "labels": 3, "classes": 3, "logits": 3, "numbers": 2}
ACTIVATION_OF_HEAD = {"binary": "sigmoid", "labels": "sigmoid", "classes": "softmax"}


class Head(NamedTuple):
    """An output: what kind of numbers, and of how many steps (None: one a row)."""

    kind: str
    steps: int | None


class Draw:
    """Random choices, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def one(self, *options: Any) -> Any:
        return options[int(self.rng.integers(len(options)))]


class Builder:
    """Draws one model of the layers of `k`, which is Keras or hoiquy.keras."""

    def __init__(self, k: Any, seed: int) -> None:
        self.k, self.draw = k, Draw(seed)
        self.inputs: tuple[str, ...] = ()
        self.heads: list[Head] = []

    def build(self) -> Any:
        if self.draw.chance(0.35):
            return self._sequential()
        self.inputs = self.draw.one(
            ("words",), ("steps",), ("words", "words"), ("steps", "steps"), ("words", "steps"),
            ("words", "row"), ("steps", "row"),
        )  # fmt: skip
        inputs = [
            self.k.Input(SHAPES[kind], name=f"input_{i}") for i, kind in enumerate(self.inputs)
        ]
        if len(inputs) == 1:
            merged = self._apply(self._tower(self.inputs[0]), inputs[0])
        elif "row" not in self.inputs and self.draw.chance(0.35):
            merged = self._encoder_and_decoder(inputs)
        else:
            merged = self._merge(self._towers(inputs))
        merged = self._apply(self._tail(merged), merged)
        outputs = [self._head(merged, f"head_{i}") for i in range(self.draw.one(1, 1, 2))]
        return self.k.Model(inputs, outputs if len(outputs) > 1 else outputs[0])

    def _sequential(self) -> Any:
        self.inputs = (self.draw.one("words", "steps"),)
        model = self.k.Sequential([self.k.Input(SHAPES[self.inputs[0]])])
        for layer in self._tower(self.inputs[0]):
            model.add(layer)
        for layer in self._tail(model):
            model.add(layer)
        kind = self._head_kind()
        model.add(self._head_layer(kind))
        self.heads = [Head(kind, self._steps(model.output_shape))]
        return model

    def _tower(self, kind: str) -> list[Any]:
        """Layers from an input to a sequence, or to a vector a row."""
        layers = [self._entrance(kind)] if kind != "row" else [self._dense()]
        if kind == "row":
            return layers
        layers += [self._of_sequences() for _ in range(self.draw.one(0, 0, 1, 1, 2))]
        if self.draw.chance(0.75):
            layers.append(self._reducing())
        return layers

    def _entrance(self, kind: str) -> Any:
        of = self.k.layers
        if kind == "words":
            options = {"mask_zero": self.draw.chance(0.6), "trainable": self.draw.chance(0.85)}
            if self.draw.chance(0.1):
                options["embeddings_regularizer"] = "l2"
            return of.Embedding(WORDS, WIDTH, **options)
        return of.Masking(0.0) if self.draw.chance(0.5) else of.Dropout(0.0)

    def _of_sequences(self) -> Any:
        of, draw = self.k.layers, self.draw
        name = draw.one(
            "recurrent", "recurrent", "recurrent", "Conv1D", "SeparableConv1D", "pool", "Dense",
            "TimeDistributed", "LayerNormalization", "BatchNormalization", "SpatialDropout1D",
            "Activation",
        )  # fmt: skip
        if name == "recurrent":
            return self._recurrent(return_sequences=True)
        if name == "pool":
            pool = draw.one(of.MaxPooling1D, of.AveragePooling1D)
            return pool(2, strides=draw.one(None, 1), padding=draw.one("valid", "same"))
        if name in ("Conv1D", "SeparableConv1D"):
            padding = (
                draw.one("valid", "same") if name[0] == "S" else draw.one("valid", "same", "causal")
            )
            return getattr(of, name)(
                WIDTH, 2, padding=padding, activation=draw.one(None, "tanh", "sigmoid")
            )
        if name == "TimeDistributed":
            return of.TimeDistributed(self._dense())
        return self._small(name)

    def _small(self, name: str) -> Any:
        of, draw = self.k.layers, self.draw
        if name == "Dense":
            return self._dense()
        if name == "Activation":
            return of.Activation(draw.one("tanh", "sigmoid", "softplus", "gelu", "softmax"))
        if name in ("Dropout", "SpatialDropout1D"):
            return getattr(of, name)(0.0)
        if name == "BatchNormalization":
            return of.BatchNormalization(momentum=draw.one(0.99, 0.8), scale=draw.chance(0.8))
        return of.LayerNormalization(center=draw.chance(0.8))

    def _dense(self) -> Any:
        activation = self.draw.one(None, "tanh", "sigmoid", "elu", "relu", "swish")
        regularizer = self.draw.one(None, None, None, "l2", "l2")
        return self.k.layers.Dense(
            WIDTH, activation=activation, use_bias=self.draw.chance(0.85),
            kernel_regularizer=regularizer,
        )  # fmt: skip

    def _reducing(self) -> Any:
        of = self.k.layers
        name = self.draw.one(
            "recurrent", "recurrent", "recurrent", "recurrent", "max", "mean", "all"
        )
        if name == "recurrent":
            return self._recurrent(return_sequences=False)
        kinds = {"max": of.GlobalMaxPooling1D, "mean": of.GlobalAveragePooling1D, "all": of.Flatten}
        return kinds[name]()

    def _cell(self, cell: str, backwards: float = 0.25, **options: Any) -> Any:
        draw = self.draw
        options["activation"] = draw.one("tanh", "tanh", "tanh", "relu", "linear", "softsign")
        options["use_bias"] = draw.chance(0.85)
        options["go_backwards"] = draw.chance(backwards)
        options["zero_output_for_mask"] = draw.chance(0.25)
        if cell != "SimpleRNN":
            options["recurrent_activation"] = draw.one("sigmoid", "sigmoid", "hard_sigmoid")
        if cell == "GRU":
            options["reset_after"] = draw.chance(0.7)
        if draw.chance(0.1):
            options["recurrent_regularizer"] = "l2"
        return getattr(self.k.layers, cell)(WIDTH, **options)

    def _recurrent(self, **options: Any) -> Any:
        cell = self.draw.one(*CELLS)
        if self.draw.chance(0.35):
            mode = self.draw.one("concat", "concat", "sum", "mul", "ave")
            layer = self._cell(cell, backwards=0, **options)
            return self.k.layers.Bidirectional(layer, merge_mode=mode)
        return self._cell(cell, **options)

    def _encoder_and_decoder(self, inputs: list[Any]) -> Any:
        """The states of one recurrent layer are the first ones of another."""
        cell = self.draw.one(*CELLS)
        whole = self.draw.chance(0.3)
        x, y = (
            self._apply([self._entrance(kind)], tensor)
            for kind, tensor in zip(self.inputs, inputs, strict=True)
        )
        h, *states = self._cell(cell, return_state=True, return_sequences=whole)(x)
        decoder = self._cell(cell, return_sequences=self.draw.chance(0.5))
        decoded = decoder(y, initial_state=states)
        if whole or len(decoded.shape) == 3:
            return decoded
        return self._merge([h, decoded])

    def _towers(self, inputs: list[Any]) -> list[Any]:
        """One tower an input, or the same layers, or the same nested model, for both."""
        first, second = self.inputs
        if first != second or self.draw.chance(0.4):
            towers = [self._tower(kind) for kind in self.inputs]
            pairs = zip(towers, inputs, strict=True)
            return [self._apply(tower, tensor) for tower, tensor in pairs]
        tower = self._tower(first)
        if self.draw.chance(0.5):
            return [self._apply(tower, tensor) for tensor in inputs]
        nested = self.k.Sequential([self.k.Input(SHAPES[first]), *tower])
        return [nested(tensor) for tensor in inputs]

    def _merge(self, tensors: list[Any]) -> Any:
        of = self.k.layers
        lengths = {self._steps(tensor.shape) for tensor in tensors}
        if len(lengths) > 1:
            tensors = [
                tensor if self._steps(tensor.shape) is None else self._reducing()(tensor)
                for tensor in tensors
            ]
        name = self.draw.one(*MERGING)
        is_sequence = len(tensors[0].shape) == 3
        if name == "Concatenate":
            return of.Concatenate()(tensors)
        tensors = [of.Dense(WIDTH)(tensor) for tensor in tensors]
        if name == "Dot":
            dot = of.Dot(axes=2 if is_sequence else 1, normalize=self.draw.chance(0.3))
            return dot(tensors)
        return getattr(of, name)()(tensors)

    def _tail(self, at: Any) -> list[Any]:
        """More layers before the head, by the rank that they find."""
        shape = at.output_shape if hasattr(at, "output_shape") else at.shape
        if len(shape) == 3:
            return [self._of_sequences()] if self.draw.chance(0.2) else []
        names = (
            "Dense",
            "Dense",
            "Activation",
            "LayerNormalization",
            "BatchNormalization",
            "Dropout",
        )
        layers = [self._small(self.draw.one(*names)) for _ in range(self.draw.one(0, 0, 1, 2))]
        if self.draw.chance(0.1):
            layers += [self.k.layers.RepeatVector(3), self._recurrent(return_sequences=True)]
        return layers

    def _head(self, x: Any, name: str) -> Any:
        kind = self._head_kind()
        output = self._head_layer(kind, name=name)(x)
        self.heads.append(Head(kind, self._steps(output.shape)))
        return output

    def _head_kind(self) -> str:
        return str(self.draw.one(*UNITS_OF_HEAD))

    def _head_layer(self, kind: str, **options: Any) -> Any:
        return self.k.layers.Dense(
            UNITS_OF_HEAD[kind], activation=ACTIVATION_OF_HEAD.get(kind), **options
        )

    @staticmethod
    def _apply(layers: list[Any], tensor: Any) -> Any:
        for layer in layers:
            tensor = layer(tensor)
        return tensor

    @staticmethod
    def _steps(shape: Any) -> int | None:
        return shape[1] if len(shape) == 3 else None
