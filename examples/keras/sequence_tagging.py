"""A tag for each word: TimeDistributed(Dense) over a bidirectional LSTM, padding masked."""

import numpy as np
from keras.layers import LSTM, Bidirectional, Dense, Embedding, Input, TimeDistributed
from keras.models import Model
from keras.optimizers import Adam
from keras.utils import pad_sequences, set_random_seed

TAGS = ["O", "B-PER", "I-PER", "B-LOC"]
FIRST, LAST = ["anna", "ben", "carla", "duc"], ["berg", "green", "moreau", "pham"]
PLACES, VERBS = ["hanoi", "lyon", "oslo", "green"], ["visits", "leaves", "likes", "sees"]
SENTENCES, MAX_LENGTH, EPOCHS = 500, 8, 4
set_random_seed(6)
rng = np.random.default_rng(6)


def sentence():
    """Words and tags; "green" is a name or a place, which its neighbours tell."""
    words, tags = [rng.choice(FIRST)], ["B-PER"]
    if rng.random() < 0.6:
        words, tags = [*words, rng.choice(LAST)], [*tags, "I-PER"]
    words, tags = [*words, rng.choice(VERBS)], [*tags, "O"]
    if rng.random() < 0.3:
        words, tags = [*words, "the", "town"], [*tags, "O", "O"]
    return [*words, "in", rng.choice(PLACES)], [*tags, "O", "B-LOC"]


data = [sentence() for _ in range(SENTENCES)]
vocabulary = sorted({word for words, _ in data for word in words})
word2idx = {word: i + 1 for i, word in enumerate(vocabulary)}
tag2idx = {tag: i for i, tag in enumerate(TAGS)}
X = pad_sequences([[word2idx[w] for w in words] for words, _ in data], MAX_LENGTH, padding="post")
y = pad_sequences([[tag2idx[t] for t in tags] for _, tags in data], MAX_LENGTH, padding="post")
X_train, X_test, y_train, y_test = X[:400], X[400:], y[:400], y[400:]

inputs = Input(shape=(MAX_LENGTH,))
x = Embedding(len(vocabulary) + 1, 16, mask_zero=True)(inputs)
x = Bidirectional(LSTM(12, return_sequences=True))(x)
x = TimeDistributed(Dense(16, activation="relu"))(x)
outputs = TimeDistributed(Dense(len(TAGS), activation="softmax"))(x)
model = Model(inputs, outputs)
model.compile(optimizer=Adam(0.01), loss="sparse_categorical_crossentropy")
model.fit(X_train, y_train, batch_size=32, epochs=EPOCHS, validation_split=0.1, verbose=2)

predicted = model.predict(X_test, verbose=0).argmax(axis=-1)
known = X_test > 0
print("right tags:", round(float((predicted == y_test)[known].mean()), 3))
for tag, index in tag2idx.items():
    found, true = predicted[known] == index, y_test[known] == index
    print(f"{tag:6} recall {np.sum(found & true) / np.sum(true):.3f} of {np.sum(true)}")
for words, row in zip([words for words, _ in data[400:402]], predicted):
    print(" ".join(f"{word}/{TAGS[tag]}" for word, tag in zip(words, row)))
