"""Short programs that train: with code of their own for penalties, rates, layers, steps and more.

Part of `tensorflow_snippets`; every model begins with the same weights here and in TensorFlow.
"""

START = """
layers, metrics, K = keras.layers, keras.metrics, keras.backend
regularizers, constraints = keras.regularizers, keras.constraints
schedules = keras.optimizers.schedules
rng = np.random.default_rng(0)
X = rng.standard_normal((8, 5, 3)).astype("float32")
Y = (rng.random((8, 1)) > 0.5).astype("float32")
WORDS = rng.integers(1, 9, (8, 5))
WORDS[3, 2:] = 0
def weighted(model):
    rng = np.random.default_rng(7)
    model.set_weights([rng.standard_normal(w.shape) * 0.3 for w in model.get_weights()])
    return model
def fitted(model, x, y, optimizer="sgd", loss="mse", **options):
    model([part[:1] for part in x] if isinstance(x, list) else x[:1])
    weighted(model).compile(optimizer=optimizer, loss=loss, **options)
    history = model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0).history
    return {name: list(map(float, one)) for name, one in history.items()}, model.predict(x,
          verbose=0)
def recurrent(*last, **options):
    return keras.Sequential([keras.Input((5, 3)), layers.LSTM(4, **options), *last])
"""

_PENALTIES = {
    "a regularizer's class": """
class Squares(regularizers.Regularizer):
    def __init__(self, factor=0.1):
        self.factor = factor
    def __call__(self, x):
        return self.factor * tf.reduce_sum(tf.square(x))
    def get_config(self):
        return {"factor": self.factor}
result = fitted(recurrent(layers.Dense(1, kernel_regularizer=Squares(0.2),
          activity_regularizer=Squares(0.01)), kernel_regularizer=Squares(0.05)), X, Y)
""",
    "a regularizer's function": """
class Doubled(regularizers.L2):
    def __init__(self):
        super().__init__(l2=0.3)
result = fitted(keras.Sequential([keras.Input((5, 3)), layers.Flatten(), layers.Dense(1,
          kernel_regularizer=lambda w: 0.1 * K.sum(K.abs(w)), bias_regularizer=Doubled())]), X, Y)
""",
    "a constraint's class and function": """
class Within(constraints.Constraint):
    def __init__(self, limit=0.1):
        self.limit = limit
    def __call__(self, w):
        return tf.clip_by_value(w, -self.limit, self.limit)
class HalfNorm(constraints.UnitNorm):
    def __call__(self, w):
        return super().__call__(w) * 0.5
result = fitted(recurrent(layers.Dense(1, kernel_constraint=HalfNorm(), bias_constraint=lambda
          w: w * 0.5), recurrent_constraint=Within(0.2)), X, Y)
""",
    "penalties in a layer": """
class Product(layers.Layer):
    def build(self, shape):
        self.first = self.add_weight(shape=(shape[-1], 2), initializer="ones", name="first",
                                     regularizer=lambda w: K.sum(K.square(w)),
                                     constraint=lambda w: K.clip(w, -0.5, 0.5))
        self.second = self.add_weight(shape=(2, 2), initializer="ones", name="second")
    def call(self, x):
        self.add_loss(regularizers.L2(0.1)(self.second))
        return K.dot(K.dot(x, self.first), self.second)
result = fitted(recurrent(Product(), layers.Dense(1)), X, Y)
""",
    "a schedule's class": """
class WarmUp(schedules.LearningRateSchedule):
    def __init__(self, size, warmup_steps=4000):
        super().__init__()
        self.size = tf.cast(size, tf.float32)
        self.warmup_steps = warmup_steps
    def __call__(self, step):
        step = tf.cast(step, dtype=tf.float32)
        return tf.math.rsqrt(self.size) * tf.math.minimum(tf.math.rsqrt(step + 1.0),
                                                          step * self.warmup_steps ** -1.5)
rate = WarmUp(16, 10)
result = fitted(recurrent(layers.Dense(1)), X, Y, keras.optimizers.Adam(rate, beta_1=0.9)), [
          float(rate(step)) for step in (0, 3, 50)]
""",
    "an optimizer's class": """
class Fast(keras.optimizers.Adam):
    def __init__(self, factor=2.0, **kwargs):
        super().__init__(learning_rate=0.01 * factor, **kwargs)
result = fitted(recurrent(layers.Dense(1)), X, Y, Fast(3.0, beta_1=0.8))
""",
    "all of them from a file": """
import os, tempfile
@keras.utils.register_keras_serializable("own")
class Squares(regularizers.Regularizer):
    def __init__(self, factor=0.1):
        self.factor = factor
    def __call__(self, x):
        return self.factor * tf.reduce_sum(tf.square(x))
    def get_config(self):
        return {"factor": self.factor}
class Within(constraints.Constraint):
    def __init__(self, limit=0.1):
        self.limit = limit
    def __call__(self, w):
        return tf.clip_by_value(w, -self.limit, self.limit)
    def get_config(self):
        return {"limit": self.limit}
class Divided(schedules.LearningRateSchedule):
    def __init__(self, first):
        self.first = first
    def __call__(self, step):
        return self.first / (tf.cast(step, tf.float32) + 1.0)
    def get_config(self):
        return {"first": self.first}
def of_squares(w):
    return K.sum(w ** 2) * 0.1
model = recurrent(layers.Dense(1, kernel_constraint=Within(0.2), bias_regularizer=of_squares),
          kernel_regularizer=Squares(0.05))
first = fitted(model, X, Y, keras.optimizers.SGD(Divided(0.1)))
path = os.path.join(tempfile.mkdtemp(), "model.keras")
model.save(path)
again = keras.models.load_model(path, custom_objects={"Within": Within, "Divided": Divided,
          "of_squares": of_squares})
history = again.fit(X, Y, batch_size=4, epochs=1, shuffle=False, verbose=0).history
config = again.layers[0].get_config()["kernel_regularizer"]["config"]
result = first, config, history["loss"], again.predict(X, verbose=0)
""",
}

_MEASURES = {
    "means and sums": """
result, ones = [], np.ones((2, 3)) * np.arange(3)
for kind in (metrics.Mean, metrics.Sum):
    for weights in (None, [1, 2], [[1], [0]], np.ones((2, 3)) * [0, 1, 2]):
        measure = kind()
        measure.update_state(ones, sample_weight=weights)
        measure.update_state(5.0)
        result.append(float(measure.result()))
mean = metrics.Mean(name="train_loss")
result.append(float(mean.result()))
mean.update_state([3.0])
mean.reset_state()
mean(2.0)
mean(np.array([1.0, 6.0]))
result += [mean.result().numpy().item(), f"{mean.result():.3f}", float(mean.result() * 100),
          mean.name, metrics.Sum().name]
""",
    "metrics alone": """
accuracy = metrics.SparseCategoricalAccuracy()
accuracy([1, 0], np.array([[0.1, 0.9], [0.3, 0.7]]))
recall = metrics.Recall(thresholds=0.5)
recall.update_state(Y, tf.sigmoid(X[:, 0, :1]))
result = [accuracy.result().numpy().item(), float(recall.result()),
          float(accuracy([1], np.array([[0.1, 0.9]])))]
""",
    "classes of metrics": """
class OfLogits(metrics.BinaryAccuracy):
    def update_state(self, y_true, y_pred, sample_weight=None):
        return super().update_state(y_true, tf.sigmoid(y_pred), sample_weight)
class AreaOfLogits(metrics.AUC):
    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(y_true, tf.sigmoid(y_pred), sample_weight=sample_weight)
class Error(metrics.Mean):
    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(tf.abs(y_true - y_pred), sample_weight=sample_weight)
class F1(metrics.Metric):
    def __init__(self, name="f1", **kwargs):
        super().__init__(name=name, **kwargs)
        self.precision, self.recall = metrics.Precision(), metrics.Recall()
    def update_state(self, y_true, y_pred, sample_weight=None):
        self.precision.update_state(y_true, y_pred)
        self.recall.update_state(y_true, y_pred)
    def result(self):
        p, r = self.precision.result(), self.recall.result()
        return 2 * p * r / (p + r + 1e-7)
    def reset_state(self):
        self.precision.reset_state()
        self.recall.reset_state()
result = fitted(recurrent(layers.Dense(1)), X, Y, metrics=[OfLogits(), AreaOfLogits(name="area"),
          Error(name="error"), F1()])
""",
    "losses alone": """
values = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")(
          np.array([1, 0]), np.array([[0.1, 0.4], [0.2, 0.5]], "float32"))
binary = keras.losses.BinaryCrossentropy()
targets, predictions = np.array([[1.0], [0.0]]), np.array([[0.8], [0.3]])
result = [values, float(tf.reduce_mean(values)), binary(targets, predictions).numpy().item(),
          float(binary(targets, predictions, sample_weight=np.array([1.0, 0.0])))]
""",
}

TRAINING: dict[str, str] = {name: START + code for name, code in (_PENALTIES | _MEASURES).items()}
