"""Short programs whose `result` is the same on TensorFlow and on hoiquy.keras.

`python tests/tensorflow_snippets.py` writes what TensorFlow gives for them into
tests/keras_front/data/tensorflow_results.json (with a file name, into that file); run it with a
Python that has TensorFlow 2.21 and Keras 3.15.
"""

import json
import sys
from pathlib import Path
from typing import Any

from tensorflow_layer_snippets import LAYERS
from tensorflow_training_snippets import TRAINING

RESULTS = Path(__file__).parent / "keras_front" / "data" / "tensorflow_results.json"

START = """
import re, string
import numpy as np
import tensorflow as tf
from tensorflow import keras
L, D = keras.layers, tf.data.Dataset
TEXTS = ["The cat sat, the cat ran!", "A dog; a CAT.", "", "dog's bone -- dog",
          "Xin chào Việt Nam"]
def listed(dataset): return list(dataset.as_numpy_iterator())
"""

_MODES = ("int", "multi_hot", "count", "tf_idf")
_LAYERS = {
    "default": "",
    "length 3": "output_sequence_length=3",
    "few tokens": "max_tokens=5",
    "no standard": "standardize=None",
    "lower": "standardize='lower'",
    "punctuation": "standardize='strip_punctuation'",
    "characters": "split='character'",
    "bigrams": "ngrams=2",
    "trigrams only": "ngrams=(3,)",
    "mixed ngrams": "ngrams=(1, 3)",
    "padded counts": "output_mode='count', max_tokens=30, pad_to_max_tokens=True",
    "padded tf_idf": "output_mode='tf_idf', max_tokens=30, pad_to_max_tokens=True",
    "few tf_idf": "output_mode='tf_idf', max_tokens=4",
    "old name": "output_mode='binary'",
    **{mode: f"output_mode={mode!r}" for mode in _MODES},
}
_QUERY = "layer(['the cat', 'unknown dog dog', '', 'Việt nam!']), layer('a cat'), layer([['dog']])"

SNIPPETS: dict[str, str] = (
    {
        f"vectorize, {name}": f"layer = L.TextVectorization({arguments})\nlayer.adapt(TEXTS)\n"
        "result = layer.get_vocabulary(), layer.get_vocabulary(False), layer.vocabulary_size(), "
        f"{_QUERY}"
        for name, arguments in _LAYERS.items()
    }
    | {
        "functions": """
def standard(texts):
    lowered = tf.strings.lower(texts)
    spaced = tf.strings.regex_replace(lowered, "[%s]" % re.escape(string.punctuation), " ")
    return tf.strings.strip(spaced)
layer = L.TextVectorization(standardize=standard, split=lambda x: tf.strings.split(x, sep=" "))
layer.adapt(TEXTS)
result = layer.get_vocabulary(), layer(["dog's  bone", " cat "])
""",
        "no split": """
layer = L.TextVectorization(split=None, standardize="lower", output_sequence_length=3)
layer.adapt([["A b", "c"], ["c", "d"]])
result = layer.get_vocabulary(), layer([["a b", "x"], ["d", "c"]])
""",
        "given vocabulary": """
layer = L.TextVectorization(vocabulary=["cat", "dog"], output_sequence_length=4)
other = L.TextVectorization(output_mode="tf_idf", vocabulary=["a", "b"], idf_weights=[0.5, 2.0])
third = L.TextVectorization(max_tokens=6)
third.set_vocabulary(["", "[UNK]", "x", "y"])
result = layer(TEXTS), other(["a b b q"]), third.get_vocabulary(), third("y z x")
""",
        "adapt to data sets": """
layer, other = L.TextVectorization(), L.TextVectorization(output_mode="tf_idf")
layer.adapt(D.from_tensor_slices(TEXTS).batch(2))
single = L.TextVectorization()
single.adapt(D.from_tensor_slices(TEXTS))
other.adapt(D.from_tensor_slices(TEXTS).batch(3))
few = L.TextVectorization()
few.adapt(D.from_tensor_slices(TEXTS).repeat().batch(2), steps=1)
result = [one.get_vocabulary() for one in (layer, single, other, few)] + [other(["cat dog"])]
""",
        "equal counts": """
layer = L.TextVectorization(standardize=None)
layer.adapt(["b B é a Z z ß 1 _ ~ aa a1 Đ đ đ"])
result = layer.get_vocabulary()
""",
        "white space": """
layer = L.TextVectorization()
layer.adapt(["a\\u00a0b\\tc\\x0bd\\x1ce\\u2003f\\r\\ng\\x85h"])
result = layer.get_vocabulary(False)
""",
        "string lookup": """
layer = L.StringLookup()
layer.adapt(["b", "a", "b", "c", "[UNK]"])
back = L.StringLookup(vocabulary=layer.get_vocabulary(), invert=True)
masked = L.StringLookup(vocabulary=["x", "y"], mask_token="")
vectors = [L.StringLookup(vocabulary=["x", "y"], output_mode=m) for m in
           ("one_hot", "multi_hot", "count")]
result = [layer.get_vocabulary(), layer(["a", "q", "b"]), back([0, 1, 3, 7]),
          masked.get_vocabulary(),
          masked([["x", ""], ["q", "y"]])] + [v([["x", "x"], ["y", "q"]]) for v in vectors]
result += [L.StringLookup(vocabulary=["x", "y"], num_oov_indices=0)(["y", "x"]),
           L.StringLookup(vocabulary=["x", "y"], output_mode="one_hot")([["x"], ["y"]])]
""",
        "integer lookup": """
layer = L.IntegerLookup()
layer.adapt([5, 7, 7, 100, 5, 7])
several = L.IntegerLookup(vocabulary=[10, 20], num_oov_indices=3)
back = L.IntegerLookup(vocabulary=[10, 20], invert=True)
masked = L.IntegerLookup(vocabulary=[10, 20], mask_token=0, output_mode="count")
result = (layer.get_vocabulary(), layer([[7, 1]]), several([10, 20, 7, 8, -1]), back([0, 1, 2]),
          masked([[0, 10, 10, 3]]), masked.get_vocabulary())
""",
        "categories": """
result = (L.CategoryEncoding(4, output_mode="one_hot")([1, 3]),
          L.CategoryEncoding(4)([[0, 1], [3, 3]]),
          L.CategoryEncoding(4, output_mode="count")([[1, 1, 3], [0, 0, 0]]),
          L.CategoryEncoding(3)([0, 2]),
          L.CategoryEncoding(4, output_mode="count")([[1, 1, 3]], count_weights=[[.5, 1., 2.]]),
          L.CategoryEncoding(4, output_mode="one_hot")([[1], [0]]))
""",
        "batches": """
pairs = D.from_tensor_slices((["a", "b", "c", "d", "e"],
          [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10]]))
result = [listed(pairs.batch(2)), listed(pairs.batch(2, drop_remainder=True)),
          len(pairs.batch(2)),
          listed(pairs.batch(3).unbatch()), listed(pairs.skip(3)), listed(pairs.take(1)),
          listed(pairs.take(2).repeat(2).batch(3))]
""",
        "structures": """
parts = D.from_tensor_slices({"text": ["a", "b"], "n": (np.arange(2), np.array([.5, 1.5]))})
result = [listed(parts), listed(parts.batch(2)),
          listed(parts.map(lambda p: (p["n"][1], p["text"])))]
""",
        "maps and filters": """
numbers = D.range(8)
even = numbers.filter(lambda n: n % 2 == 0)
result = [listed(even), listed(numbers.map(lambda n: n * n)),
          listed(numbers.map(lambda n: (n, n + 1))),
          listed(D.zip((numbers, even)).map(lambda a, b: a - b)), even.cardinality(),
          listed(numbers.enumerate(3).take(2)), listed(even.concatenate(D.range(2)).batch(3)),
          numbers.reduce(np.int64(0), lambda a, b: a + b), listed(numbers.shard(3, 1))]
""",
        "numbers of elements": """
numbers = D.range(10)
result = [one.cardinality() for one in (
    numbers, numbers.batch(3), numbers.batch(3,
          drop_remainder=True), numbers.repeat(), numbers.repeat(3),
    numbers.repeat().take(4), numbers.skip(4), numbers.take(99), numbers.filter(lambda n: n > 1),
    numbers.map(lambda n: n), numbers.shuffle(3), numbers.cache(), numbers.prefetch(1),
    numbers.concatenate(numbers), D.zip((numbers, D.range(3))), numbers.take(-1),
    numbers.flat_map(lambda n: D.range(n)), numbers.enumerate(), D.range(2, 20, 5))]
""",
        "padded batches": """
def rows():
    for n in (1, 3, 2): yield list(range(n)), n
ragged = D.from_generator(rows, output_types=(tf.int32, tf.float32), output_shapes=([None], []))
texts = D.from_tensor_slices(["a b c", "d", "e f"]).map(tf.strings.split)
result = [listed(ragged.padded_batch(2)), listed(ragged.padded_batch(3, padded_shapes=([4], []))),
          listed(ragged.padded_batch(3, ([None], []), padding_values=(-1, 0.0))),
          listed(texts.padded_batch(3))]
""",
        "windows": """
result = [listed(D.range(7).window(3, **o).flat_map(lambda w: w.batch(3))) for o in
          ({}, {"shift": 1, "drop_remainder": True}, {"shift": 2}, {"stride": 2, "shift": 1},
          {"shift": 4})]
""",
        "shuffled": """
order = listed(D.range(50).shuffle(50, seed=3))
small = listed(D.range(50).shuffle(4, seed=3))
result = sorted(order), order != list(range(50)), all(n <= i + 4 for i,
          n in enumerate(small)), len(small)
once = D.range(20).shuffle(20, seed=1, reshuffle_each_iteration=False)
anew = D.range(20).shuffle(20, seed=1)
result += (listed(once) == listed(once), listed(anew) == listed(anew),
          len(set(listed(anew.repeat(2)))))
""",
        "spec": """
spec = D.from_tensor_slices((["a"], [1.5])).batch(2).element_spec
result = [(list(one.shape), one.dtype.name if hasattr(one.dtype, "name")
          else one.dtype) for one in spec]
""",
        "functions of tensors": """
x = tf.constant([[1.5, 2.0], [3.0, -4.0]])
result = [x, tf.cast(x, tf.int32), tf.expand_dims(x, -1), tf.expand_dims([1, 2], 0),
          tf.squeeze([[[1], [2]]]),
          tf.squeeze([[[1], [2]]], axis=-1), tf.reshape(x, [-1]), tf.reshape(x, (1, 2, 2)),
          tf.one_hot([2, 0, 5], 3),
          tf.one_hot([1], 2, on_value=5, off_value=-1, dtype=tf.int32), tf.argmax(x),
          tf.argmax(x, axis=1),
          tf.concat([x, x], axis=1), tf.concat([["a"], ["b", "c"]], 0), tf.stack([1, 2]),
          tf.stack([x, x], axis=1),
          tf.shape(x), tf.constant(7, shape=(2, 2)), tf.convert_to_tensor(np.arange(3.0)),
          tf.constant([True, False])]
result += [one.dtype.name for one in (tf.constant(1), tf.constant(1.0),
          tf.constant(np.float64(1)),
           tf.argmax(x), tf.shape(x), tf.one_hot([1], 2), tf.constant([True]),
          tf.constant(2**40))]
""",
        "functions of texts": """
t = tf.constant(["Hello World", "  ÀB c\\t", ""])
S = tf.strings
result = [S.lower(t), S.upper(t), S.lower(t, encoding="utf-8"), S.strip(t), S.length(t),
          S.length(t, unit="UTF8_CHAR"), S.substr(t, 0, 3),
          S.substr(t[:2], 1, 3, unit="UTF8_CHAR"), S.substr("hello", -3, 2), S.split(t).to_list(),
          S.split(t, "l").to_list(), S.split("a,b,,c", ",").numpy().tolist(),
          S.unicode_split("Việt", "UTF-8"),
          S.join([t, t], separator="|"), S.reduce_join([["a", "b"], ["c", "d"]], axis=1,
          separator="+"),
          S.to_number(["1.5", "-2"]), S.to_number(["7"], tf.int64), S.as_string([1, -2]),
          S.as_string([0.5]),
          S.bytes_split("abc"), S.regex_full_match(["abc", "abd"], "ab[cx]"),
          S.ngrams(["a", "b", "c"], 2)]
""",
        "regular expressions": """
def r(text, pattern, rewrite, **options): return tf.strings.regex_replace(text, pattern, rewrite,
          **options)
result = [r("a.b,c", "[[:punct:]]", " "), r("x<br />y", "<br />", " "),
          r("aéb đ1", r"[^\\w ]", "_"),
          r("aéb đ1", r"[^\\pL ]", "_"), r("Việt 12", r"\\P{L}+", "-"),
          r("john smith", r"(\\w+) (\\w+)", r"\\2 \\1"),
          r("abc", "b", r"<\\0>"), r("a  b\\u00a0c", r"\\s+", " "),
          r("aaa", "a", "b", replace_global=False),
          r("12 ab_", "[[:alpha:][:digit:]]", "#"), r("a]b[c", r"[\\]\\[]", ""),
          r("a[b", "[[]", "("), r("ABC", "(?i)b", "*"),
          r("it's", "'", ""), r("a\\nb", "a.b", "x"), r("a\\nb", "(?s)a.b", "x"),
          r("http://x.y z", r"https?://\\S+", "URL"),
          r("q+r", r"\\Q+\\E", "p"), r("end", r"d\\z", "D"),
          r("tab\\there", r"[^\\x20-\\x7e]", "?"), r("1é", r"\\d", "n")]
""",
        "configuration": """
layer = L.TextVectorization(max_tokens=9, ngrams=(1, 2), output_mode="count", name="v")
config = layer.get_config()
config.pop("dtype")
layer.adapt(TEXTS)
copy = L.TextVectorization.from_config(layer.get_config())
given = L.TextVectorization(vocabulary=["a"])
result = config, copy.get_vocabulary(), given.get_config()["vocabulary"]
""",
        "a Sequential of texts": """
layer = L.TextVectorization()
layer.adapt(TEXTS)
model = keras.Sequential([layer, L.Embedding(20, 3), L.GlobalAveragePooling1D(),
                          L.Dense(1, activation="sigmoid")])
data = D.from_tensor_slices((TEXTS[:2] + TEXTS[3:], [1.0, 0.0, 1.0, 0.0])).batch(2)
model.predict(data, verbose=0)
model.set_weights([np.sin(np.arange(w.size)).reshape(w.shape) for w in model.get_weights()])
model.compile(keras.optimizers.SGD(0.5), "binary_crossentropy")
result = [model.predict(data, verbose=0), model.evaluate(data, verbose=0),
          model.fit(data, epochs=3, shuffle=False, verbose=0).history["loss"],
          model.predict(tf.constant(["the dog", "cat"]), verbose=0),
          model(tf.constant(["a cat"])),
          model.fit(data.repeat(), steps_per_epoch=3, epochs=2, verbose=0).history["loss"],
          model.input_shape[1:], model.output_shape[1:],
          [one.count_params() for one in model.layers]]
""",
        "a Model of texts and numbers": """
words = L.TextVectorization(max_tokens=12, output_sequence_length=4)
counts = L.TextVectorization(split="character", output_mode="multi_hot")
words.adapt(TEXTS)
counts.adapt(TEXTS)
text, number = keras.Input((1,), dtype="string", name="text"), keras.Input((2,), name="number")
x = L.LSTM(2)(L.Embedding(12, 3, mask_zero=True)(words(text)))
x = L.concatenate([x, L.Flatten()(counts(text)), number])
model = keras.Model([text, number], L.Dense(2)(x))
model.set_weights([np.cos(np.arange(w.size)).reshape(w.shape) for w in model.get_weights()])
data = {"text": tf.constant(TEXTS)[:, None], "number": np.ones((5, 2))}
whole = keras.Sequential([model, L.Softmax()])
model.compile(keras.optimizers.SGD(0.1), "mse")
batches = D.from_tensor_slices((data, np.eye(5)[:, :2])).batch(2)
result = [model.predict(data, verbose=0), model.fit(batches, verbose=0).history["loss"],
          model.evaluate(data, np.eye(5)[:, :2], verbose=0)]
""",
        "texts of a folder": """
import pathlib, tempfile
root = pathlib.Path(tempfile.mkdtemp())
for name in ("pos", "neg", "inner/deep"):
    (root / name).mkdir(parents=True)
    for i in range(6): (root / name / f"{i}.txt").write_text(f"{name} {i} é")
(root / "pos" / "note.md").write_text("no")
def read(**options): return keras.utils.text_dataset_from_directory(str(root), verbose=False,
          **options)
def pairs(data): return sorted((text.decode(), label.tolist()) for text,
          label in data.unbatch().as_numpy_iterator())
both = read(validation_split=0.3, subset="both", seed=5)
result = [listed(read(shuffle=False, batch_size=7, max_length=6)),
          read(batch_size=None).class_names,
          [pairs(one) for one in both], [len(one) for one in both],
          pairs(read(validation_split=0.2, subset="validation", seed=9)),
          pairs(read(label_mode="categorical")),
          pairs(read(label_mode="binary", class_names=["pos", "neg"])),
          listed(read(labels=None, shuffle=False, batch_size=20)),
          pairs(read(labels=list(range(18)))),
          [one.dtype.name for one in next(iter(read(label_mode="binary",
          class_names=["pos", "neg"])))][1]]
""",
    }
    | TRAINING
    | LAYERS
)


def plain(value: Any) -> Any:
    """A result as JSON holds it; floats rounded."""
    if hasattr(value, "numpy"):
        value = value.numpy()
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        return {key: plain(part) for key, part in sorted(value.items())}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, bytes):
        return "b" + value.decode("utf-8", "backslashreplace")
    return round(value, 5) if isinstance(value, float) else value


def result_of(code: str) -> Any:
    """What a snippet gives with the modules of this process."""
    names: dict[str, Any] = {}
    exec(START + code, names)
    return plain(names["result"])


if __name__ == "__main__":
    found = {name: result_of(code) for name, code in SNIPPETS.items()}
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in found.items()]
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else RESULTS
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
