"""Two inputs, functional API: the words of a support ticket and numbers about it → urgent?"""

import keras
import numpy as np
from keras import layers

WORDS, LENGTH, TICKETS, EPOCHS = 60, 12, 600, 4
keras.utils.set_random_seed(1)
rng = np.random.default_rng(1)

# Words 1 to 9 speak of an outage; a long wait makes a ticket urgent, too.
texts = rng.integers(10, WORDS, (TICKETS, LENGTH))
outage = rng.random(TICKETS) < 0.4
texts[outage, rng.integers(0, LENGTH, outage.sum())] = rng.integers(1, 10, outage.sum())
texts[rng.random(texts.shape) < 0.1] = 0
numbers = np.column_stack([rng.exponential(24, TICKETS), rng.poisson(2, TICKETS)])
urgent = (outage | (numbers[:, 0] > 48)).astype("float32")
numbers = ((numbers - numbers.mean(axis=0)) / numbers.std(axis=0)).astype("float32")

text = keras.Input(shape=(LENGTH,), dtype="int32", name="text")
facts = keras.Input(shape=(2,), name="facts")
x = layers.Embedding(WORDS, 16, mask_zero=True)(text)
x = layers.LSTM(16)(x)
x = layers.concatenate([x, layers.Dense(8, activation="relu")(facts)])
x = layers.Dense(16, activation="relu")(x)
x = layers.Dropout(0.2)(x)
output = layers.Dense(1, activation="sigmoid", name="urgent")(x)
model = keras.Model(inputs=[text, facts], outputs=output)
model.compile(
    optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"]
)
model.summary()

train, test = slice(0, 500), slice(500, None)
history = model.fit(
    {"text": texts[train], "facts": numbers[train]},
    urgent[train],
    validation_split=0.2,
    batch_size=32,
    epochs=EPOCHS,
    verbose=2,
)
print("best validation accuracy:", round(max(history.history["val_accuracy"]), 3))
loss, accuracy = model.evaluate([texts[test], numbers[test]], urgent[test], verbose=0)
print(f"test loss {loss:.4f}, accuracy {accuracy:.3f}")
