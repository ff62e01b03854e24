"""An attention layer of the script's own: which words of a review decide?"""

import keras
import numpy as np
from keras import layers, ops

GOOD = ["lovely", "superb", "touching", "funny"]
BAD = ["dull", "weak", "noisy", "silly"]
OTHER = "the film was a story of two old friends who sail to an island and meet again".split()
REVIEWS, LENGTH, EPOCHS = 500, 10, 4
keras.utils.set_random_seed(2)
rng = np.random.default_rng(2)
VOCABULARY = ["", *sorted({*GOOD, *BAD, *OTHER})]
INDEX = {word: i for i, word in enumerate(VOCABULARY)}


def review(good):
    words = list(rng.choice(OTHER, rng.integers(5, LENGTH)))
    words[rng.integers(len(words))] = rng.choice(GOOD if good else BAD)
    return [INDEX[word] for word in words]


class WordAttention(layers.Layer):
    """Weighs the steps of a sequence: softmax(v · tanh(W h + b)), the padded ones by 0."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.supports_masking = True

    def build(self, input_shape):
        size = input_shape[-1]
        self.w = self.add_weight(name="w", shape=(size, self.units), initializer="glorot_uniform")
        self.b = self.add_weight(name="b", shape=(self.units,), initializer="zeros")
        self.v = self.add_weight(name="v", shape=(self.units, 1), initializer="glorot_uniform")
        super().build(input_shape)

    def call(self, inputs, mask=None):
        scores = ops.squeeze(ops.matmul(ops.tanh(ops.matmul(inputs, self.w) + self.b), self.v), -1)
        if mask is not None:
            scores = scores - 1e9 * (1.0 - ops.cast(mask, "float32"))
        weights = ops.softmax(scores, axis=-1)
        return ops.sum(inputs * ops.expand_dims(weights, -1), axis=1), weights

    def compute_mask(self, inputs, mask=None):
        return [None, None]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[-1]), input_shape[:2]

    def get_config(self):
        return {**super().get_config(), "units": self.units}


labels = rng.integers(0, 2, REVIEWS)
rows = keras.utils.pad_sequences([review(good) for good in labels], maxlen=LENGTH, padding="post")

inputs = keras.Input(shape=(LENGTH,))
states = layers.Embedding(len(VOCABULARY), 16, mask_zero=True)(inputs)
states = layers.Bidirectional(layers.GRU(8, return_sequences=True))(states)
context, weights = WordAttention(8, name="attention")(states)
model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(context))
model.compile(
    optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"]
)
model.fit(rows[:400], labels[:400], batch_size=32, epochs=EPOCHS, verbose=2)
print("test:", [round(score, 4) for score in model.evaluate(rows[400:], labels[400:], verbose=0)])

# A second model of the same layers gives the weights of the words.
shown = keras.Model(inputs, weights).predict(rows[400:403], verbose=0)
for row, weight in zip(rows[400:403], shown):
    print(" ".join(f"{VOCABULARY[i]}({w:.2f})" for i, w in zip(row, weight) if i))
