"""Transfer: a network trained for one task is saved as .h5, and its layers serve another task."""

import os
import tempfile

import numpy as np
from keras.layers import LSTM, Dense, Embedding, Input
from keras.models import Model, Sequential, load_model
from keras.optimizers import Adam
from keras.utils import set_random_seed

WORDS, LENGTH, EPOCHS = 60, 15, 4
set_random_seed(12)
rng = np.random.default_rng(12)


def reviews(rows):
    """Words 1 to 8 praise, 9 to 16 complain; the rest says nothing."""
    x = rng.integers(17, WORDS, (rows, LENGTH))
    praise, complaints = rng.integers(0, 4, (2, rows))
    for row, good, bad in zip(x, praise, complaints):
        places = rng.permutation(LENGTH)
        row[places[:good]] = rng.integers(1, 9, good)
        row[places[good : good + bad]] = rng.integers(9, 17, bad)
    return x, praise - complaints


# 1. Many reviews with a label: good or not.
x, balance = reviews(800)
model = Sequential([
    Input(shape=(LENGTH,)),
    Embedding(WORDS, 16, name="words"),
    LSTM(16, name="reader"),
    Dense(8, activation="relu", name="features"),
    Dense(1, activation="sigmoid", name="good"),
])  # fmt: skip
model.compile(optimizer=Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x, balance > 0, batch_size=32, epochs=EPOCHS, validation_split=0.1, verbose=2)
path = os.path.join(tempfile.mkdtemp(), "sentiment.h5")
model.save(path)
print("saved:", os.path.basename(path))

# 2. The saved network without its last layer, frozen, below a new layer for five grades.
base = load_model(path)
print(
    "same after loading:",
    np.allclose(base.predict(x[:5], verbose=0), model.predict(x[:5], verbose=0)),
)
features = Model(inputs=base.inputs, outputs=base.get_layer("features").output)
for layer in features.layers:
    layer.trainable = False
few, few_balance = reviews(120)
grades = np.clip(few_balance + 2, 0, 4)
new = Sequential([Input(shape=(LENGTH,)), features, Dense(5, activation="softmax", name="grade")])
new.compile(optimizer=Adam(0.05), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
print("trained arrays:", len(new.trainable_weights), "of", len(new.weights))
new.fit(few, grades, batch_size=16, epochs=3, verbose=2)

# 3. Everything thawed, with a small learning rate.
for layer in features.layers:
    layer.trainable = True
new.compile(optimizer=Adam(0.002), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
new.fit(few, grades, batch_size=16, epochs=3, verbose=2)
test, test_balance = reviews(200)
test_grades = np.clip(test_balance + 2, 0, 4)
print("test:", np.round(new.evaluate(test, test_grades, verbose=0), 4))
