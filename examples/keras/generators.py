"""Training from a Python generator and from a keras.utils.Sequence: data made batch by batch."""

import keras
import numpy as np
from keras import layers

BATCH, LENGTH, STEPS, EPOCHS = 32, 20, 12, 3
keras.utils.set_random_seed(9)


def brackets(rng, rows):
    """Strings of brackets as 1 and 2; the label says whether they ever close before they open."""
    x = rng.integers(1, 3, (rows, LENGTH))
    depth = np.cumsum(np.where(x == 1, 1, -1), axis=1)
    bad = rng.random(rows) < 0.5
    x[~bad & (depth.min(axis=1) < 0)] = np.tile([1, 2], LENGTH // 2)
    depth = np.cumsum(np.where(x == 1, 1, -1), axis=1)
    return x, (depth.min(axis=1) < 0).astype("float32")


def batches(seed):
    """An endless generator, as fit takes it with steps_per_epoch."""
    rng = np.random.default_rng(seed)
    while True:
        yield brackets(rng, BATCH)


class Brackets(keras.utils.Sequence):
    """The same from arrays, a part of the rows at a time."""

    def __init__(self, rows, batch_size, seed, **kwargs):
        super().__init__(**kwargs)
        self.x, self.y = brackets(np.random.default_rng(seed), rows)
        self.batch_size = batch_size

    def __len__(self):
        return -(-len(self.x) // self.batch_size)

    def __getitem__(self, index):
        part = slice(index * self.batch_size, (index + 1) * self.batch_size)
        return self.x[part], self.y[part]


model = keras.Sequential([
    keras.Input(shape=(LENGTH,)),
    layers.Embedding(3, 4),
    layers.GRU(16),
    layers.Dense(1, activation="sigmoid"),
])  # fmt: skip
model.compile(
    optimizer=keras.optimizers.Adam(0.005), loss="binary_crossentropy", metrics=["accuracy"]
)

train, test = Brackets(400, BATCH, seed=3), Brackets(100, BATCH, seed=4)
first = model.fit(batches(1), steps_per_epoch=STEPS, epochs=EPOCHS, validation_data=test, verbose=2)
print("from the generator:", [round(loss, 4) for loss in first.history["loss"]])
second = model.fit(train, epochs=EPOCHS, validation_data=test, verbose=2)
print("from the Sequence:", [round(loss, 4) for loss in second.history["loss"]])
print("test:", np.round(model.evaluate(test, verbose=0), 4))
print("predictions:", np.round(model.predict(test, verbose=0)[:5, 0], 3))
