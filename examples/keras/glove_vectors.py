"""Word vectors from a file as of GloVe, in an Embedding that is not trained."""

import os
import tempfile

import numpy as np
from tensorflow.keras.callbacks import EarlyStopping
from tensorflow.keras.layers import LSTM, Bidirectional, Dense, Embedding, Input
from tensorflow.keras.models import Sequential
from tensorflow.keras.preprocessing.sequence import pad_sequences
from tensorflow.keras.preprocessing.text import Tokenizer
from tensorflow.keras.utils import set_random_seed

EMBEDDING_DIM, MAX_WORDS, MAX_LENGTH, EPOCHS = 20, 200, 12, 5
TOPICS = {
    "sport": "goal match team coach league final player season win score".split(),
    "science": "cell theory planet energy protein orbit atom method data gene".split(),
}
COMMON = "the a new this after last week report says about from with more first".split()
set_random_seed(3)
rng = np.random.default_rng(3)

# A file in GloVe's format: a word and its numbers a line. Use your glove.6B.100d.txt instead.
path = os.path.join(tempfile.mkdtemp(), "vectors.20d.txt")
with open(path, "w", encoding="utf-8") as file:
    for direction, words in enumerate([*TOPICS.values(), COMMON]):
        centre = np.eye(3, EMBEDDING_DIM)[direction]
        for word in words:
            numbers = centre + rng.normal(0, 0.3, EMBEDDING_DIM)
            file.write(" ".join([word, *(f"{number:.5f}" for number in numbers)]) + "\n")

labels = rng.integers(0, 2, 400)
texts = []
for label in labels:
    words = list(rng.choice(COMMON, 8)) + list(rng.choice([*TOPICS.values()][label], 2))
    texts.append(" ".join(rng.permutation(words)).capitalize() + ".")

tokenizer = Tokenizer(num_words=MAX_WORDS, oov_token="<OOV>")
tokenizer.fit_on_texts(texts[:300])
sequences = pad_sequences(tokenizer.texts_to_sequences(texts), maxlen=MAX_LENGTH)
word_index = tokenizer.word_index

embeddings_index = {}
with open(path, encoding="utf-8") as file:
    for line in file:
        values = line.split()
        embeddings_index[values[0]] = np.asarray(values[1:], dtype="float32")
print(f"Found {len(embeddings_index)} word vectors.")

num_words = min(MAX_WORDS, len(word_index) + 1)
embedding_matrix = np.zeros((num_words, EMBEDDING_DIM))
for word, i in word_index.items():
    vector = embeddings_index.get(word)
    if i < num_words and vector is not None:
        embedding_matrix[i] = vector

model = Sequential([
    Input(shape=(MAX_LENGTH,)),
    Embedding(num_words, EMBEDDING_DIM, weights=[embedding_matrix], trainable=False),
    Bidirectional(LSTM(8)),
    Dense(1, activation="sigmoid"),
])  # fmt: skip
model.compile(loss="binary_crossentropy", optimizer="rmsprop", metrics=["accuracy"])
stop = EarlyStopping(monitor="val_loss", patience=2, restore_best_weights=True)
model.fit(
    sequences[:300], labels[:300], batch_size=16, epochs=EPOCHS, verbose=2,
    validation_data=(sequences[300:], labels[300:]), callbacks=[stop],
)  # fmt: skip
probabilities = model.predict(sequences[300:303], verbose=0)[:, 0]
for text, probability in zip(texts[300:303], probabilities):
    print(f"{probability:.3f}  {text}")
print(
    "vectors kept:",
    np.array_equal(model.layers[0].get_weights()[0], embedding_matrix.astype("float32")),
)
