"""Layers, losses and metrics of scripts for Keras, each made from a module such as `keras`.

They are written with `keras.ops`, which both have; K.* and tf.* are tested apart.
"""

from typing import Any


def pooled_by_scores(k: Any) -> Any:
    """Attention of one trained vector, with the mask of the steps."""

    class ScoredPooling(k.layers.Layer):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.supports_masking = True

        def build(self, input_shape: Any) -> None:
            self.vector = self.add_weight(
                shape=(input_shape[-1], 1), initializer="glorot_uniform", name="vector"
            )
            self.offset = self.add_weight(
                shape=(input_shape[1], 1), initializer="zeros", name="offset"
            )

        def call(self, x: Any, mask: Any = None) -> Any:
            scores = k.ops.tanh(k.ops.matmul(x, self.vector) + self.offset)
            weights = k.ops.exp(scores)
            if mask is not None:
                weights = weights * k.ops.expand_dims(k.ops.cast(mask, "float32"), -1)
            weights = weights / (k.ops.sum(weights, axis=1, keepdims=True) + 1e-7)
            return k.ops.sum(x * weights, axis=1)

        def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
            return None

    return ScoredPooling()


def with_layers_inside(k: Any) -> Any:
    """A layer that holds layers, one of them in a list."""

    class Gated(k.layers.Layer):
        def __init__(self, units: int, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.gate = k.layers.Dense(units, activation="sigmoid")
            self.steps = [k.layers.Dense(units, activation="tanh"), k.layers.Dense(units)]

        def build(self, input_shape: Any) -> None:
            self.gate.build(input_shape)
            self.steps[0].build(input_shape)
            self.steps[1].build((*input_shape[:-1], self.gate.units))

        def call(self, x: Any) -> Any:
            y = self.steps[1](self.steps[0](x))
            return y * self.gate(x)

    return Gated(5)


def recurrent_inside(k: Any) -> Any:
    """A layer around an LSTM."""

    class Encoder(k.layers.Layer):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.lstm = k.layers.LSTM(4, return_sequences=True)

        def build(self, input_shape: Any) -> None:
            self.lstm.build(input_shape)

        def call(self, x: Any) -> Any:
            return self.lstm(x) + k.ops.mean(x, axis=-1, keepdims=True)

    return Encoder()


def scaled_by_batch(k: Any) -> Any:
    """A layer that computes across the batch."""

    class Centred(k.layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="scale")

        def call(self, x: Any) -> Any:
            return (x - k.ops.mean(x, axis=0, keepdims=True)) * self.scale

    return Centred()


def self_attention(k: Any) -> Any:
    """Scaled dot-product attention with a softmax over steps."""

    class SelfAttention(k.layers.Layer):
        def build(self, input_shape: Any) -> None:
            size = input_shape[-1]
            self.query = self.add_weight(shape=(size, 4), initializer="normal", name="query")
            self.key = self.add_weight(shape=(size, 4), initializer="normal", name="key")

        def call(self, x: Any) -> Any:
            query, key = k.ops.matmul(x, self.query), k.ops.matmul(x, self.key)
            scores = k.ops.matmul(query, k.ops.transpose(key, (0, 2, 1))) / 2.0
            return k.ops.matmul(k.ops.softmax(scores, axis=-1), x)

    return SelfAttention()


def regularized(k: Any) -> Any:
    """A weight with a penalty and a constraint, and an array that is not trained."""

    class Shifted(k.layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.shift = self.add_weight(
                shape=(input_shape[-1],), initializer="ones", name="shift",
                regularizer=k.regularizers.L2(0.1), constraint=k.constraints.NonNeg(),
            )  # fmt: skip
            self.fixed = self.add_weight(
                shape=(), initializer="ones", name="fixed", trainable=False
            )

        def call(self, x: Any) -> Any:
            return k.ops.maximum(x, 0.1) + self.shift * self.fixed

    return Shifted()


LAYERS = [
    pooled_by_scores, with_layers_inside, recurrent_inside, scaled_by_batch, self_attention,
    regularized,
]  # fmt: skip


def focal(k: Any) -> Any:
    def loss(y_true: Any, y_pred: Any) -> Any:
        p = k.ops.clip(y_pred, 1e-7, 1 - 1e-7)
        of_target = k.ops.where(k.ops.equal(y_true, 1), p, 1 - p)
        return -k.ops.mean(0.25 * k.ops.power(1 - of_target, 2.0) * k.ops.log(of_target))

    return loss


def dice(k: Any) -> Any:
    def loss(y_true: Any, y_pred: Any) -> Any:
        both = k.ops.sum(y_true * y_pred)
        return 1 - (2 * both + 1) / (k.ops.sum(y_true) + k.ops.sum(y_pred) + 1)

    return loss


def weighted_crossentropy(k: Any) -> Any:
    def loss(y_true: Any, y_pred: Any) -> Any:
        weights = 1 + 2 * y_true
        return k.ops.mean(weights * k.ops.binary_crossentropy(y_true, y_pred), axis=-1)

    return loss


def root_mean_square(k: Any) -> Any:
    def loss(y_true: Any, y_pred: Any) -> Any:
        return k.ops.sqrt(k.ops.mean(k.ops.square(y_pred - y_true)))

    return loss


def of_a_class(k: Any) -> Any:
    class Scaled(k.losses.Loss):
        def __init__(self, factor: float = 2.0, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, y_true: Any, y_pred: Any) -> Any:
            return self.factor * k.ops.mean(k.ops.abs(y_true - y_pred), axis=-1)

    return Scaled()


LOSSES = [focal, dice, weighted_crossentropy, root_mean_square, of_a_class]


def f1(k: Any) -> Any:
    def f1(y_true: Any, y_pred: Any) -> Any:
        found = k.ops.sum(k.ops.round(k.ops.clip(y_true * y_pred, 0, 1)))
        precision = found / (k.ops.sum(k.ops.round(k.ops.clip(y_pred, 0, 1))) + 1e-7)
        recall = found / (k.ops.sum(y_true) + 1e-7)
        return 2 * precision * recall / (precision + recall + 1e-7)

    return f1


def counted(k: Any) -> Any:
    class MeanPrediction(k.metrics.Metric):
        def __init__(self, name: str = "mean_prediction", **kwargs: Any) -> None:
            super().__init__(name=name, **kwargs)
            self.total = self.add_weight(name="total", shape=(), initializer="zeros")
            self.rows = self.add_weight(name="rows", shape=(), initializer="zeros")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.total.assign(self.total + k.ops.sum(y_pred))
            self.rows.assign(self.rows + float(y_pred.shape[0]))

        def result(self) -> Any:
            return self.total / self.rows

    return MeanPrediction()
