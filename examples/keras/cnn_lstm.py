"""Tokenizer, Conv1D, pooling and an LSTM: messages in four classes, one-hot."""

import random

import numpy as np
from tensorflow.keras.layers import LSTM, Conv1D, Dense, Dropout, Embedding, Input, MaxPooling1D
from tensorflow.keras.models import Sequential
from tensorflow.keras.optimizers import Adam
from tensorflow.keras.preprocessing.sequence import pad_sequences
from tensorflow.keras.preprocessing.text import Tokenizer
from tensorflow.keras.utils import set_random_seed, to_categorical

PHRASES = {
    "order": ["where is my parcel", "track the delivery", "the parcel never came"],
    "refund": ["i want my money back", "refund the payment", "charge was wrong"],
    "account": ["cannot log in", "reset the password", "change my email address"],
    "praise": ["great service thank you", "very happy with it", "best shop ever"],
}
FILLERS = ["hello", "please", "since monday", "again", "can you help", "for the last time", "now"]
MAX_WORDS, MAX_LENGTH, EPOCHS = 100, 16, 6
set_random_seed(5)
random.seed(5)

classes = list(PHRASES)
labels = [random.randrange(len(classes)) for _ in range(500)]
texts = [
    " ".join(
        [*random.sample(FILLERS, 2), random.choice(PHRASES[classes[label]]), random.choice(FILLERS)]
    )
    for label in labels
]

tokenizer = Tokenizer(num_words=MAX_WORDS, lower=True)
tokenizer.fit_on_texts(texts)
print(len(tokenizer.word_index), "words; the most frequent:", list(tokenizer.word_index)[:5])
X = pad_sequences(tokenizer.texts_to_sequences(texts), maxlen=MAX_LENGTH, padding="post")
Y = to_categorical(labels, num_classes=len(classes))
X_train, X_test, Y_train, Y_test = X[:400], X[400:], Y[:400], Y[400:]

model = Sequential()
model.add(Input(shape=(MAX_LENGTH,)))
model.add(Embedding(MAX_WORDS, 24))
model.add(Dropout(0.2))
model.add(Conv1D(filters=32, kernel_size=3, padding="same", activation="relu"))
model.add(MaxPooling1D(pool_size=2))
model.add(LSTM(24))
model.add(Dense(len(classes), activation="softmax"))
model.compile(loss="categorical_crossentropy", optimizer=Adam(0.005), metrics=["accuracy"])
history = model.fit(
    X_train, Y_train, epochs=EPOCHS, batch_size=32, validation_data=(X_test, Y_test), verbose=2
)
score = model.evaluate(X_test, Y_test, verbose=0)
print(f"loss {score[0]:.4f}, accuracy {score[1]:.3f}")

message = ["hello again the refund never came please help"]
padded = pad_sequences(tokenizer.texts_to_sequences(message), maxlen=MAX_LENGTH, padding="post")
prediction = model.predict(padded, verbose=0)[0]
print(message[0], "→", classes[np.argmax(prediction)], np.round(prediction, 3))
