"""TextVectorization in models: batches, nested models, files, and what is refused."""

import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hoiquy.keras as keras
from hoiquy.keras.import_hook.tensorflow.strings import lower
from hoiquy.keras.pipeline.dataset import Dataset

L = keras.layers
TEXTS = ["good film, good!", "bad film", "a very good film indeed", "bad", "so so"]
LABELS = np.array([1.0, 0, 1, 0, 0])


def vectorizer(**options: Any) -> Any:
    layer = L.TextVectorization(**options)
    layer.adapt(TEXTS)
    return layer


def model(layer: Any) -> Any:
    """Without a mask, so that the padding of a batch counts."""
    stack = [layer, L.Embedding(20, 4), L.GlobalAveragePooling1D(), L.Dense(1)]
    made = keras.Sequential(stack)
    made.predict(np.array(TEXTS), verbose=0)
    made.compile("sgd", "mse")
    return made


def test_a_batch_is_padded_to_its_own_longest_text() -> None:
    made = model(vectorizer())
    expected = [made(np.array(TEXTS[i : i + 2])) for i in (0, 2, 4)]
    predicted = made.predict(np.array(TEXTS), batch_size=2, verbose=0)
    np.testing.assert_allclose(predicted, np.concatenate(expected), rtol=1e-6)
    batches = Dataset.from_tensor_slices((TEXTS, LABELS)).batch(2)
    np.testing.assert_allclose(made.predict(batches, verbose=0), predicted, rtol=1e-6)
    loss = made.evaluate(batches, verbose=0)
    assert made.evaluate(np.array(TEXTS), LABELS, batch_size=2, verbose=0) == pytest.approx(loss)
    assert abs(made.evaluate(np.array(TEXTS), LABELS, batch_size=5, verbose=0) - loss) > 1e-9


@pytest.mark.parametrize("mode", ["int", "multi_hot", "tf_idf"])
def test_models_train_on_arrays_and_data_sets_alike(mode: str) -> None:
    losses = []
    for data in (
        (np.array(TEXTS), LABELS),
        (TEXTS, LABELS),
        (np.array(TEXTS)[:, None], LABELS),
        (Dataset.from_tensor_slices((TEXTS, LABELS)).batch(5),),
    ):
        keras.utils.set_random_seed(1)
        layer = vectorizer(output_mode=mode)
        inner = [L.Embedding(20, 3, mask_zero=True), L.LSTM(2)] if mode == "int" else []
        made = keras.Sequential([layer, *inner, L.Dense(1)])
        made.compile("sgd", "mse")
        losses.append(made.fit(*data, batch_size=5, epochs=3, verbose=0).history["loss"])
    assert losses[0][-1] < losses[0][0]
    np.testing.assert_allclose(losses, [losses[0]] * 4, rtol=1e-5)


def test_a_model_within_a_model_takes_texts() -> None:
    inner = model(vectorizer())
    outer = keras.Sequential([inner, L.Activation("sigmoid")])
    texts = np.array(TEXTS)
    inside = inner.predict(texts, verbose=0)
    np.testing.assert_allclose(outer.predict(texts, verbose=0), 1 / (1 + np.exp(-inside)), 1e-5)
    text = keras.Input((1,), dtype="string")
    both = keras.Model(text, [inner(text), L.StringLookup(vocabulary=["bad"])(text)])
    first, second = both.predict(texts, verbose=0)
    np.testing.assert_allclose(first, inside, rtol=1e-5)
    assert second[:, 0].tolist() == [0, 0, 0, 1, 0]


def standard(texts: Any) -> Any:
    return lower(texts)


def test_files_keep_vocabulary_and_weights_of_tokens(tmp_path: Path) -> None:
    text = keras.Input((1,), dtype="string")
    counts = L.Dense(1)(vectorizer(output_mode="tf_idf", standardize=standard)(text))
    indices = L.Flatten()(L.Embedding(20, 2)(vectorizer(output_sequence_length=3)(text)))
    given = L.StringLookup(vocabulary=["bad", "é"], output_mode="one_hot")(text)
    made = keras.Model(text, [counts, indices, given])
    path = tmp_path / "model.keras"
    made.save(path)
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith("assets")]
        place = "assets/layers/text_vectorization/vocabulary.txt"
        words = archive.read(place).decode().split("\n")
    assert len(names) == 4 and place in names
    assert words == made.layers[1].get_vocabulary()
    again = keras.models.load_model(path, custom_objects={"standard": standard})
    for one, other in zip(
        made.predict(TEXTS, verbose=0), again.predict(TEXTS, verbose=0), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(keras.errors.NotSupportedError, match=r"custom_objects=\{'standard'"):
        keras.models.load_model(path)
    with pytest.raises(NotImplementedError, match=r"HDF5 files do not hold: save the model as"):
        made.save(tmp_path / "model.h5")


def test_a_file_may_not_name_another_file(tmp_path: Path) -> None:
    path, secret = tmp_path / "model.keras", tmp_path / "secret.txt"
    secret.write_text("word\n")
    made = keras.Sequential([keras.Input((1,), dtype="string"), vectorizer(), L.Embedding(9, 2)])
    made.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(parts["config.json"])
    config["config"]["layers"][1]["config"]["vocabulary"] = str(secret)
    parts["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(ValueError, match=r"names the file .* as its vocabulary, which is not read"):
        keras.models.load_model(path)


def test_a_vocabulary_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("film\ngood\n", encoding="utf-8")
    layer = L.TextVectorization(vocabulary=str(file))
    assert layer.get_vocabulary() == ["", "[UNK]", "film", "good"]
    with pytest.raises(ValueError, match=r"nowhere\.txt: No such file"):
        L.TextVectorization(vocabulary="nowhere.txt")


def string_input() -> Any:
    return keras.Input((1,), dtype="string")


WRONG: list[tuple[str, Any]] = [
    ("takes numbers, and its input has dtype string", lambda: L.Dense(1)(string_input())),
    ("data set of adapt has no end", lambda: vectorizer().adapt(Dataset.range(3).repeat())),
    ("holds None, expected texts", lambda: vectorizer()([["a", None]])),
    ("got the shape", lambda: vectorizer()([["a", "b"]])),
    ("has 'a' more than once", lambda: L.TextVectorization(vocabulary=["a", "a"])),
    ("has the mask token '' among", lambda: L.TextVectorization(vocabulary=["a", ""])),
    ("max_tokens=3", lambda: L.TextVectorization(max_tokens=3, vocabulary=["a", "b"])),
    ("max_tokens=1, expected 2", lambda: L.TextVectorization(max_tokens=1)),
    ("pad_to_max_tokens=True needs", lambda: L.TextVectorization(pad_to_max_tokens=True)),
    ("output_sequence_length needs output_mode='int'",
     lambda: L.TextVectorization(output_mode="count", output_sequence_length=3)),
    ("ragged=True is not supported", lambda: L.TextVectorization(ragged=True)),
    ("standardize='Lower', expected", lambda: L.TextVectorization(standardize="Lower")),
    ("has no vocabulary yet", lambda: L.TextVectorization(output_mode="count")(["a"])),
    ("adapt cannot change", lambda: L.TextVectorization(vocabulary=["a"]).adapt(["b"])),
    ("is not in the", lambda: L.StringLookup(vocabulary=["a"], num_oov_indices=0)(["b"])),
    ("num_oov_indices above 1 is not", lambda: L.StringLookup(num_oov_indices=2)),
    ("holds 4, expected 0 to 3", lambda: L.CategoryEncoding(4)([4])),
    ("select the texts, for example by dataset.map",
     lambda: vectorizer().adapt(Dataset.from_tensor_slices((TEXTS, LABELS)).batch(2))),
]  # fmt: skip


@pytest.mark.parametrize(("message", "use"), WRONG, ids=[message for message, _ in WRONG])
def test_wrong_use(message: str, use: Any) -> None:
    with pytest.raises((ValueError, TypeError, NotImplementedError)) as caught:
        use()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_functions_of_numpy_and_pandas_columns() -> None:
    layer = L.TextVectorization(standardize=lambda texts: np.char.upper(texts))
    layer.adapt(["b é", "B"])
    assert layer.get_vocabulary() == ["", "[UNK]", "B", "É"]
    pandas = pytest.importorskip("pandas")
    layer = L.TextVectorization()
    layer.adapt(pandas.Series(["x y", "x"], index=[7, 9]))
    assert layer(pandas.Series(["y"])).numpy().tolist() == [[3]]
    rows = Dataset.from_tensor_slices(dict(pandas.DataFrame({"t": ["a"], "n": [1.5]})))
    assert [*rows.as_numpy_iterator()] == [{"t": b"a", "n": 1.5}]


def test_supports_masking_is_what_keras_says() -> None:
    layers = [vectorizer(), L.Embedding(3, 2, mask_zero=True), L.LSTM(2), L.Flatten(), L.Dense(1)]
    assert [each.supports_masking for each in layers] == [False, True, True, False, True]


@pytest.mark.parametrize("options", [{}, {"output_mode": "tf_idf", "ngrams": 2}, {"max_tokens": 4}])
def test_a_layer_kept_by_its_configuration_and_weights(options: Any) -> None:
    layer = vectorizer(**options)
    kept = pickle.loads(pickle.dumps({"c": layer.get_config(), "w": layer.get_weights()}))
    for adapt_first in (False, True):  # which Keras 2 needed
        other = L.TextVectorization.from_config(kept["c"])
        if adapt_first:
            other.adapt(Dataset.from_tensor_slices(["xyz"]))
        other.set_weights(kept["w"])
        assert other.get_vocabulary() == layer.get_vocabulary()
        np.testing.assert_array_equal(other(TEXTS), layer(TEXTS))
    assert L.TextVectorization().get_weights() == []
    if not options:
        made = model(layer)
        assert len(made.get_weights()) == 3  # of Embedding and Dense
        made.set_weights(made.get_weights())
