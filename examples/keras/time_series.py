"""The next value of a time series from the 24 before it: windows, scaling, two LSTM layers."""

import os
import tempfile

import numpy as np
from keras.callbacks import ModelCheckpoint, ReduceLROnPlateau
from keras.layers import LSTM, Dense, Input
from keras.models import Sequential, load_model
from keras.optimizers import Adam
from keras.utils import set_random_seed

HOURS, LOOK_BACK, EPOCHS = 700, 24, 6
set_random_seed(10)
rng = np.random.default_rng(10)

# Temperatures by the hour: days, a slow wave, and noise.
hours = np.arange(HOURS)
series = 15 + 5 * np.sin(2 * np.pi * hours / 24) + 3 * np.sin(2 * np.pi * hours / 168)
series = (series + rng.normal(0, 0.4, HOURS)).astype("float32")

split = int(HOURS * 0.8)
low, high = series[:split].min(), series[:split].max()
scaled = (series - low) / (high - low)


def create_dataset(values, look_back=LOOK_BACK):
    rows = [values[i : i + look_back] for i in range(len(values) - look_back)]
    return np.array(rows)[..., np.newaxis], values[look_back:]


x_train, y_train = create_dataset(scaled[:split])
x_test, y_test = create_dataset(scaled[split - LOOK_BACK :])
print("windows:", x_train.shape, x_test.shape)

model = Sequential([
    Input(shape=(LOOK_BACK, 1)),
    LSTM(20, return_sequences=True),
    LSTM(10),
    Dense(1),
])  # fmt: skip
model.compile(loss="mean_squared_error", optimizer=Adam(learning_rate=0.005), metrics=["mae"])
best = os.path.join(tempfile.mkdtemp(), "best.keras")
callbacks = [
    ModelCheckpoint(best, monitor="val_loss", save_best_only=True),
    ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=2),
]
history = model.fit(
    x_train, y_train, epochs=EPOCHS, batch_size=32, validation_data=(x_test, y_test),
    callbacks=callbacks, verbose=2,
)  # fmt: skip
model = load_model(best)
predicted = model.predict(x_test, verbose=0)[:, 0] * (high - low) + low
true = series[split:]
print("best epoch:", 1 + int(np.argmin(history.history["val_loss"])))
print(f"error of the network: {np.sqrt(np.mean((predicted - true) ** 2)):.3f} degrees")
print(f"error of 'as an hour ago': {np.sqrt(np.mean((series[split - 1 : -1] - true) ** 2)):.3f}")

# A day ahead, each prediction an input of the next.
window = list(scaled[-LOOK_BACK:])
for _ in range(6):
    window.append(
        float(model.predict(np.array(window[-LOOK_BACK:]).reshape(1, -1, 1), verbose=0)[0, 0])
    )
print(
    "the next hours:", [round(value * float(high - low) + float(low), 2) for value in window[-6:]]
)
