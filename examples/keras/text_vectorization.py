"""TextVectorization in a pipeline of tf.data, with a standardizer of the script's own."""

import re
import string

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

POSITIVE = [
    "A warm, witty film.",
    "Great cast &amp; great music!",
    "I loved it.",
    "Moving and clever",
]
NEGATIVE = ["A cold, tired film.", "Poor cast &amp; poor music!", "I hated it.", "Slow and empty"]
TAILS = [
    "<br />Seen on a plane.",
    "<br /><br />Two hours.",
    "It rained outside.",
    "",
    "We saw it late",
]
MAX_FEATURES, LENGTH, BATCH, EPOCHS = 80, 12, 16, 5
keras.utils.set_random_seed(8)
rng = np.random.default_rng(8)

labels = rng.integers(0, 2, 400)
texts = [
    f"{rng.choice(TAILS)} {rng.choice(POSITIVE if label else NEGATIVE)} {rng.choice(TAILS)}"
    for label in labels
]
raw_ds = tf.data.Dataset.from_tensor_slices((texts, labels.astype("float32")))
raw_train_ds = raw_ds.take(300).batch(BATCH)
raw_test_ds = raw_ds.skip(300).batch(BATCH)


def custom_standardization(input_data):
    lowercase = tf.strings.lower(input_data)
    stripped_html = tf.strings.regex_replace(lowercase, "<br />|&amp;", " ")
    return tf.strings.regex_replace(stripped_html, f"[{re.escape(string.punctuation)}]", "")


vectorize_layer = layers.TextVectorization(
    standardize=custom_standardization,
    max_tokens=MAX_FEATURES,
    output_mode="int",
    output_sequence_length=LENGTH,
)
vectorize_layer.adapt(raw_train_ds.map(lambda text, label: text))
print("vocabulary:", vectorize_layer.get_vocabulary()[:8])


def vectorize_text(text, label):
    return vectorize_layer(tf.expand_dims(text, -1)), label


train_ds = raw_train_ds.map(vectorize_text).cache().prefetch(tf.data.AUTOTUNE)
test_ds = raw_test_ds.map(vectorize_text).cache().prefetch(tf.data.AUTOTUNE)

model = keras.Sequential([
    keras.Input(shape=(LENGTH,), dtype="int64"),
    layers.Embedding(MAX_FEATURES, 16, embeddings_initializer="lecun_normal"),
    layers.Bidirectional(layers.GRU(16, return_sequences=True)),
        layers.GlobalMaxPooling1D(),
    layers.Dense(16, activation="relu"),
    layers.Dense(1),
])  # fmt: skip
model.compile(
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
    optimizer=keras.optimizers.SGD(0.1, momentum=0.9),
    metrics=[keras.metrics.BinaryAccuracy(threshold=0.0)],
)
model.fit(train_ds, validation_data=test_ds, epochs=EPOCHS, verbose=2)
loss, accuracy = model.evaluate(test_ds, verbose=0)
print(f"loss {loss:.4f}, accuracy {accuracy:.3f}")
asked = vectorize_layer(["I loved it, a witty film", "A tired film. I hated it!"])
print("logits:", np.round(model.predict(asked, verbose=0)[:, 0], 3))
