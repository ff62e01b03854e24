"""Several labels a comment: six sigmoid outputs, a GRU in both directions, two poolings."""

import numpy as np
from keras.layers import (
    GRU,
    Bidirectional,
    Dense,
    Embedding,
    GlobalAveragePooling1D,
    GlobalMaxPooling1D,
    Input,
    SpatialDropout1D,
    concatenate,
)  # fmt: skip
from keras.models import Model
from keras.optimizers import Adam
from keras.utils import set_random_seed

LABELS = ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]
WORDS, LENGTH, COMMENTS, EPOCHS = 120, 20, 700, 3
set_random_seed(4)
rng = np.random.default_rng(4)

# Words 1 to 30 are rude, five a label; a comment with a rude word is toxic as well.
comments = rng.integers(31, WORDS, (COMMENTS, LENGTH))
y = np.zeros((COMMENTS, len(LABELS)), dtype="float32")
for row, label in zip(*np.nonzero(rng.random(y.shape) < 0.12)):
    comments[row, rng.integers(LENGTH, size=2)] = rng.integers(1 + 5 * label, 6 + 5 * label, 2)
    y[row, [0, label]] = 1
x_train, x_test, y_train, y_test = comments[:600], comments[600:], y[:600], y[600:]


def get_model():
    inp = Input(shape=(LENGTH,))
    x = Embedding(WORDS, 24)(inp)
    x = SpatialDropout1D(0.2)(x)
    x = Bidirectional(GRU(12, return_sequences=True))(x)
    avg_pool = GlobalAveragePooling1D()(x)
    max_pool = GlobalMaxPooling1D()(x)
    conc = concatenate([avg_pool, max_pool])
    outp = Dense(len(LABELS), activation="sigmoid")(conc)
    model = Model(inputs=inp, outputs=outp)
    model.compile(
        loss="binary_crossentropy", optimizer=Adam(learning_rate=0.01), metrics=["accuracy"]
    )
    return model


def roc_auc(truth, scores):
    """The share of pairs of a comment with the label and one without that are in order."""
    positive, negative = scores[truth == 1], scores[truth == 0]
    return np.mean(positive[:, None] > negative[None, :])


model = get_model()
model.fit(x_train, y_train, batch_size=32, epochs=EPOCHS, validation_split=0.1, verbose=2)
y_pred = model.predict(x_test, batch_size=64, verbose=0)
for column, label in enumerate(LABELS):
    print(f"{label:14} AUC {roc_auc(y_test[:, column], y_pred[:, column]):.3f}")
print("loss, binary accuracy:", np.round(model.evaluate(x_test, y_test, verbose=0), 4))
print("first comment:", {name: round(float(p), 3) for name, p in zip(LABELS, y_pred[0])})
