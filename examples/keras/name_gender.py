"""First names to gender, character by character: one-hot letters, two LSTM layers."""

import numpy as np
from keras.layers import LSTM, Activation, Dense, Dropout, Input
from keras.models import Sequential
from keras.utils import set_random_seed, to_categorical

STARTS = [
    "mar",
    "an",
    "jul",
    "al",
    "ca",
    "dan",
    "el",
    "fer",
    "gabr",
    "hel",
    "jo",
    "kar",
    "le",
    "vi",
]
ENDS = {"f": ["ia", "ina", "ette", "a", "ine", "elle"], "m": ["o", "in", "as", "ek", "us", "on"]}
MAX_LENGTH, NAMES, EPOCHS = 10, 400, 8
set_random_seed(7)
rng = np.random.default_rng(7)

genders = rng.choice(["f", "m"], NAMES)
names = [
    rng.choice(STARTS) + rng.choice(["", "l", "r", "nd"]) + rng.choice(ENDS[g]) for g in genders
]
characters = sorted(set("".join(names)) | {"END"})
char_index = {character: i for i, character in enumerate(characters)}
print(len(characters), "characters, longest name:", max(map(len, names)))


def to_rows(batch):
    """One-hot characters, shape (names, MAX_LENGTH, characters), END to the right."""
    rows = np.full((len(batch), MAX_LENGTH), char_index["END"])
    for row, name in zip(rows, batch):
        row[: len(name)] = [char_index[character] for character in name[:MAX_LENGTH]]
    return to_categorical(rows, num_classes=len(characters))


X = to_rows(names)
Y = to_categorical(genders == "m", num_classes=2)
mask = rng.random(NAMES) < 0.8
train_x, train_y, test_x, test_y = X[mask], Y[mask], X[~mask], Y[~mask]

model = Sequential()
model.add(Input(shape=(MAX_LENGTH, len(characters))))
model.add(LSTM(24, return_sequences=True))
model.add(Dropout(0.2))
model.add(LSTM(24, return_sequences=False))
model.add(Dropout(0.2))
model.add(Dense(2))
model.add(Activation("softmax"))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(
    train_x, train_y, batch_size=16, epochs=EPOCHS, validation_data=(test_x, test_y), verbose=2
)
score, acc = model.evaluate(test_x, test_y, verbose=0)
print(f"Test score: {score:.4f}, test accuracy: {acc:.3f}")

asked = ["marina", "julek", "danon", "victorine"]
for name, (f, m) in zip(asked, model.predict(to_rows(asked), verbose=0)):
    print(f"{name:10} {'f' if f > m else 'm'} ({max(f, m):.3f})")
