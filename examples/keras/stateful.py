"""A stateful LSTM: a long series in pieces, the state carried from batch to batch."""

import numpy as np
from keras.layers import LSTM, Dense, Input
from keras.models import Sequential
from keras.optimizers import Adam
from keras.utils import set_random_seed

STREAMS, PIECES, STEPS, EPOCHS, DELAY = 8, 10, 6, 8, 4
set_random_seed(11)
rng = np.random.default_rng(11)

# Of each stream, the output is the mean of the last DELAY inputs: they may lie in the piece before.
signal = rng.uniform(0, 1, (STREAMS, PIECES * STEPS + DELAY)).astype("float32")
target = np.stack([signal[:, i : i - DELAY or None] for i in range(DELAY)]).mean(axis=0)
signal = signal[:, DELAY - 1 : -1]


def pieces(values):
    """Piece 1 of all streams, then piece 2, …: row i continues row i of the batch before."""
    parts = values.reshape(STREAMS, PIECES, STEPS, 1)
    return parts.transpose(1, 0, 2, 3).reshape(-1, STEPS, 1)


x, y = pieces(signal), pieces(target)


def build(stateful):
    model = Sequential()
    model.add(Input(batch_shape=(STREAMS, STEPS, 1)))
    model.add(LSTM(16, return_sequences=True, stateful=stateful))
    model.add(Dense(1))
    model.compile(loss="mse", optimizer=Adam(0.01))
    return model


def reset(model):
    for layer in model.layers:
        if hasattr(layer, "reset_states"):
            layer.reset_states()


stateless, stateful = build(False), build(True)
for model, name in ((stateless, "without state"), (stateful, "with state")):
    losses = []
    for _ in range(EPOCHS):
        history = model.fit(x, y, batch_size=STREAMS, epochs=1, shuffle=False, verbose=0)
        losses.append(history.history["loss"][0])
        reset(model)
    print(f"{name:13} loss:", np.round(losses, 4))

# The state holds between calls of predict, too, until it is reset.
first = stateful.predict(x, batch_size=STREAMS, verbose=0)
second = stateful.predict(x, batch_size=STREAMS, verbose=0)
reset(stateful)
third = stateful.predict(x, batch_size=STREAMS, verbose=0)
print("difference of a second pass:", np.round(np.abs(second - first)[:STREAMS].max(), 4))
print("after a reset:", np.abs(third - first).max())
print("mean squared error:", np.round(np.mean((third - y) ** 2), 4))
