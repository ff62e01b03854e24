"""Short programs with classes of built-in layers, cells and training loops of their own.

Part of `tensorflow_snippets`; they begin as those of `tensorflow_training_snippets`.
"""

from tensorflow_training_snippets import START

_DERIVED = {
    "a Dense with code": """
class Doubled(layers.Dense):
    def call(self, inputs):
        return super().call(inputs) * 2.0
class Scaled(layers.Dense):
    def __init__(self, units, factor=1.0, **kwargs):
        super().__init__(units, **kwargs)
        self.factor = factor
    def build(self, input_shape):
        super().build(input_shape)
        self.scale = self.add_weight(name="scale", shape=(self.units,), initializer="ones")
    def call(self, inputs):
        y = K.dot(inputs, self.kernel) * self.scale * self.factor
        return self.activation(y + self.bias if self.use_bias else y)
class Times(layers.Dense):
    def __init__(self, units, factor=1.0, **kwargs):
        super().__init__(units, **kwargs)
        self.factor = factor
    def call(self, inputs):
        return super().call(inputs) * self.factor
    def get_config(self):
        return {**super().get_config(), "factor": self.factor}
import os, tempfile
model = recurrent(Doubled(3, activation="tanh"), Times(2, factor=2.0, activation="tanh",
          kernel_regularizer="l2", kernel_constraint=constraints.MaxNorm(0.5),
          activity_regularizer=regularizers.L2(0.1)), layers.Dense(1))
first = fitted(model, X, Y)
path = os.path.join(tempfile.mkdtemp(), "model.keras")
model.save(path)
again = keras.models.load_model(path, custom_objects={"Doubled": Doubled, "Times": Times})
scaled = recurrent(Scaled(2, 3.0, activation="tanh"), layers.Dense(1))
alone = Doubled(2)
shape = alone(np.ones((2, 3), "float32")).shape
alone.trainable = False
result = (first, again.predict(X, verbose=0), fitted(scaled, X, Y),
          [list(w.shape) for w in model.weights],
          model.count_params(), isinstance(model.layers[1], layers.Dense), list(shape),
          len(alone.weights), len(alone.trainable_weights))
""",
    "other layers with code": """
class Shifted(layers.Embedding):
    def call(self, inputs):
        return super().call(inputs) + 1.0
class Halved(layers.LSTM):
    def call(self, sequences, initial_state=None, mask=None, training=False):
        y = super().call(sequences, mask=mask, training=training, initial_state=initial_state)
        return y * 0.5
class Positive(layers.Conv1D):
    def call(self, x):
        return tf.nn.relu(super().call(x))
class Always(layers.Dropout):
    def call(self, inputs, training=None):
        return super().call(inputs, training=True)
class Own(layers.Attention):
    def call(self, inputs, mask=None, training=False, **options):
        return super().call(inputs, mask=mask, training=training) + 1.0
class Each(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first, self.second = Positive(3, 2, padding="same"), Always(0.0)
    def call(self, x):
        return self.second(self.first(x))
x = keras.Input((5,))
steps = Halved(4, return_sequences=True)(Shifted(10, 3, mask_zero=True)(x))
y = layers.TimeDistributed(layers.Dense(3))(Each()(steps))
y = layers.Flatten()(Own()([y, y]))
result = fitted(keras.Model(x, layers.Dense(1)(y)), WORDS, Y)
""",
    "layers that drop a mask": """
class Without(layers.Dense):
    def compute_mask(self, inputs, mask=None):
        return None
words = np.array([[1, 2, 0], [3, 0, 0]])
mask = layers.Embedding(10, 3, mask_zero=True).compute_mask(words)
result = [fitted(keras.Sequential([keras.Input((5,)), layers.Embedding(10, 3, mask_zero=True),
          Without(3), layers.LSTM(4), layers.Dense(1)]), WORDS, Y), mask,
          layers.Masking(0.0).compute_mask(np.array([[[0.0, 0.0], [1.0, 0.0]]])),
          layers.LSTM(2).compute_mask(X, mask),
          layers.LSTM(2, return_sequences=True).compute_mask(X, mask),
          layers.Embedding(10, 3).compute_mask(words)]
""",
    "sums of tensors of a model": """
x = keras.Input((5, 3))
y, z = layers.LSTM(4)(x), layers.GRU(4)(x)
result = fitted(keras.Model(x, layers.Dense(1)(y + z - y * z / 2.0)), X, Y)
""",
}

_CELL = """
class Minimal(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = self.state_size = units
    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")
        self.recurrent_kernel = self.add_weight(shape=(self.units, self.units), name="recurrent")
        self.built = True
    def call(self, inputs, states):
        y = tf.tanh(K.dot(inputs, self.kernel) + K.dot(states[0], self.recurrent_kernel))
        return y, [y]
    def get_config(self):
        return {**super().get_config(), "units": self.units}
def of_cell(cell, **options):
    return keras.Sequential([keras.Input((5, 3)), layers.RNN(cell, **options), layers.Dense(1)])
"""

_CELLS = {
    "a cell": """
import os, tempfile
model = keras.Sequential([keras.Input((5, 3)), layers.RNN(Minimal(4), return_sequences=True),
          layers.RNN([Minimal(2), Minimal(3)]), layers.Dense(1)])
first = fitted(model, X, Y)
path = os.path.join(tempfile.mkdtemp(), "model.keras")
model.save(path)
again = keras.models.load_model(path, custom_objects={"Minimal": Minimal})
result = first, again.predict(X, verbose=0), model.count_params()
""",
    "a cell with masks": """
result = []
for options in ({}, {"return_sequences": True}, {"return_sequences": True,
                "zero_output_for_mask": True}, {"go_backwards": True},
                {"return_sequences": True, "go_backwards": True}):
    x = keras.Input((5,))
    y = layers.RNN(Minimal(4), **options)(layers.Embedding(10, 3, mask_zero=True)(x))
    y = layers.GRU(3)(y) if len(y.shape) == 3 else y
    result.append(fitted(keras.Model(x, layers.Dense(1)(y)), WORDS, Y))
""",
    "states of a cell": """
x, first = keras.Input((5, 3)), keras.Input((4,))
y, state = layers.RNN(Minimal(4), return_state=True)(x, initial_state=[first])
z = layers.RNN(Minimal(4))(x, initial_state=[state])
result = fitted(keras.Model([x, first], layers.Dense(1)(z + y)), [X, np.ones((8, 4), "float32")],
                Y)
""",
    "cells of several kinds": """
class Doubled(layers.LSTMCell):
    def call(self, inputs, states, training=None):
        y, states = super().call(inputs, states, training=training)
        return y * 2.0, states
mixed = of_cell([Minimal(4), layers.LSTMCell(3), layers.GRUCell(2)])
result = [fitted(mixed, X, Y), fitted(of_cell(Doubled(4)), X, Y), [list(w.shape) for w in
          mixed.weights]]
""",
    "a loop over a cell": """
class Loop(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.cell = layers.LSTMCell(4)
    def build(self, input_shape):
        self.cell.build((input_shape[0], input_shape[2]))
        self.built = True
    def call(self, x):
        h = c = tf.zeros((tf.shape(x)[0], 4))
        for step in range(5):
            y, (h, c) = self.cell(x[:, step], [h, c])
        return y
model = keras.Sequential([keras.Input((5, 3)), Loop(), layers.Dense(1)])
cell = layers.LSTMCell(4)
y, states = cell(X[:, 0], [np.zeros((8, 4), "float32")] * 2)
result = fitted(model, X, Y), list(y.shape), len(states)
""",
}

_LOOPS = {
    "a training loop": """
model = weighted(recurrent(layers.Dense(1, kernel_constraint=constraints.MaxNorm(0.3))))
optimizer, loss_of = keras.optimizers.SGD(0.1), keras.losses.MeanSquaredError()
mean, losses = metrics.Mean(), []
@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_of(y, model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss
for epoch in range(2):
    for x, y in tf.data.Dataset.from_tensor_slices((X, Y)).batch(4):
        loss = step(x, y)
        mean(loss)
        losses.append(float(loss))
result = losses, model.predict(X, verbose=0), float(mean.result()), float(optimizer.iterations)
""",
    "derivatives": """
w, b = tf.Variable([[1.0], [2.0], [3.0]]), tf.Variable(0.5)
x, t = tf.constant(X[:, 0]), tf.constant(Y)
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - t))
of_w, of_b = tape.gradient(loss, [w, b])
y = tf.constant(3.0)
with tf.GradientTape(persistent=True) as tape:
    tape.watch(y)
    z = tf.multiply(y, y)
    u = tf.square(y) * z
of_y = (tape.gradient(z, y), tape.gradient(u, y), tape.gradient([z, u], [y]),
        tape.gradient(u, {"y": y, "w": w}, unconnected_gradients="zero")["w"],
        tape.gradient(u, w) is None)
w.assign_sub(0.1 * of_w)
clipped, norm = tf.clip_by_global_norm([of_w, of_b], 1.0)
result = float(loss), of_w, of_b, of_y, w, clipped, norm, tf.clip_by_norm(of_w, 0.5)
""",
    "a loop with masks": """
model = weighted(keras.Sequential([keras.Input((5,)), layers.Embedding(10, 4, mask_zero=True),
          layers.GRU(6, return_sequences=True), layers.LayerNormalization(), layers.Dense(10)]))
optimizer, accuracy = keras.optimizers.SGD(0.1), metrics.SparseCategoricalAccuracy()
loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
losses, total = [], 0.0
for step in range(3):
    with tf.GradientTape() as tape:
        logits = model(WORDS, training=True)
        loss = loss_of(WORDS, logits)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    accuracy.update_state(WORDS, logits)
    losses.append(loss.numpy().item())
    total += loss
result = losses, float(total), float(accuracy.result()), model.predict(WORDS, verbose=0)
""",
    "an encoder and a decoder": """
class Encoder(keras.Model):
    def __init__(self, words, size, units):
        super().__init__()
        self.units = units
        self.embedding = layers.Embedding(words, size)
        self.gru = layers.GRU(units, return_sequences=True, return_state=True)
    def call(self, x, hidden):
        return self.gru(self.embedding(x), initial_state=hidden)
    def first_state(self, rows):
        return tf.zeros((rows, self.units))
class Weighing(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.of_query, self.of_values = layers.Dense(units), layers.Dense(units)
        self.score = layers.Dense(1)
    def call(self, query, values):
        query = tf.expand_dims(query, 1)
        scores = self.score(tf.nn.tanh(self.of_query(query) + self.of_values(values)))
        weights = tf.nn.softmax(scores, axis=1)
        return tf.reduce_sum(weights * values, axis=1), weights
class Decoder(keras.Model):
    def __init__(self, words, size, units):
        super().__init__()
        self.embedding = layers.Embedding(words, size)
        self.gru = layers.GRU(units, return_sequences=True, return_state=True)
        self.last, self.attention = layers.Dense(words), Weighing(units)
    def call(self, x, hidden, encoded):
        context, weights = self.attention(hidden, encoded)
        x = tf.concat([tf.expand_dims(context, 1), self.embedding(x)], axis=-1)
        y, state = self.gru(x)
        return self.last(tf.reshape(y, (-1, y.shape[2]))), state, weights
encoder, decoder = Encoder(10, 4, 6), Decoder(10, 4, 6)
crossentropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
def loss_of(real, predicted):
    loss = crossentropy(real, predicted)
    loss *= tf.cast(tf.math.logical_not(tf.math.equal(real, 0)), dtype=loss.dtype)
    return tf.reduce_mean(loss)
optimizer, words = keras.optimizers.SGD(0.1), tf.constant(WORDS)
def predicted():
    encoded, state = encoder(words, encoder.first_state(8))
    return decoder(words[:, :1], state, encoded)
predicted()
weighted(encoder), weighted(decoder)
losses = []
for step in range(3):
    with tf.GradientTape() as tape:
        encoded, state = encoder(words, encoder.first_state(8))
        given, loss = tf.expand_dims([1] * 8, 1), 0
        for place in range(1, 5):
            logits, state, _ = decoder(given, state, encoded)
            loss += loss_of(words[:, place], logits)
            given = tf.expand_dims(words[:, place], 1)
    variables = encoder.trainable_variables + decoder.trainable_variables
    optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
    losses.append(float(loss / 4))
result = losses, predicted()[0], list(predicted()[2].shape), len(variables)
""",
}

LAYERS: dict[str, str] = {name: START + code for name, code in (_DERIVED | _LOOPS).items()} | {
    name: START + _CELL + code for name, code in _CELLS.items()
}
