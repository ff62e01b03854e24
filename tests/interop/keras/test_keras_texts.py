"""Models that were trained behind TextVectorization or the old Tokenizer, and any length.

TextVectorization needs TensorFlow, which these tests do not have: the layer is written into the
file as Keras 3.15 and tf_keras 2.21 do. Models that they saved gave the same probabilities.
"""

import json
import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from test_keras_import import ROWS, embedding, imported, saved, two

from command_line import call_hoiquy, only_line_of_error
from hoiquy.errors import InputError
from hoiquy.interop.export import export_run
from hoiquy.interop.keras.import_run import import_keras
from hoiquy.interop.keras.text import TextOptions
from hoiquy.prediction.explain import explain
from hoiquy.prediction.predictor import Predictor
from hoiquy.runs.folder import Run, load_run
from keras_archives import Config, changed

L = keras.layers
WORDS = ["good", "the", "dont", "Été", "x\x85y", "cat"]
SETTINGS: Config = {
    "name": "text_vectorization", "trainable": True, "dtype": "string", "max_tokens": 20,
    "standardize": "lower_and_strip_punctuation", "split": "whitespace", "ngrams": None,
    "output_mode": "int", "output_sequence_length": 5, "pad_to_max_tokens": False,
    "sparse": False, "ragged": False, "vocabulary": None, "idf_weights": None,
    "encoding": "utf-8", "vocabulary_size": 8,
}  # fmt: skip
# By hand, after TextVectorization of TensorFlow: 1 is unknown, words begin at 2.
TEXTS = {
    "": [0] * 5,
    "Don't, the CAT.": [4, 3, 7, 0, 0],
    "é Été ÉTÉ good": [1, 5, 1, 2, 0],
    "x\x85y\tcat good cat the good": [6, 7, 2, 7, 3],
}


def behind_text_layer(path: Path, **settings: Any) -> Path:
    """The model of a file with a TextVectorization layer in front of it."""
    node = {"module": "keras.layers", "class_name": "TextVectorization", "registered_name": None,
            "config": SETTINGS | settings}  # fmt: skip

    def change(config: Config) -> None:
        layers = config["config"]["layers"]
        layers[0]["config"] |= {"batch_shape": [None, 1], "dtype": "string"}
        layers.insert(1, node)

    words = "\n".join(["", "[UNK]", *WORDS]).encode()
    has_own = settings.get("vocabulary") is not None
    asset = {"assets/layers/text_vectorization/vocabulary.txt": words}
    return changed(path, change, {} if has_own else asset)


def masked_model(folder: Path) -> tuple[Path, Any]:
    """A file, and what Keras answers to the indices of TEXTS."""
    path = saved(
        folder, embedding(True), L.Bidirectional(L.LSTM(3, return_sequences=True)), L.GRU(3), two(),
        length=5,
    )  # fmt: skip
    indices = np.array(list(TEXTS.values()), np.int32)
    return path, np.array(keras.saving.load_model(path).predict_on_batch(indices))


@pytest.mark.parametrize("own_words", [None, WORDS, ["", "[UNK]", *WORDS]])
def test_raw_texts_give_what_keras_gives(own_words: Any, tmp_path: Path) -> None:
    path, expected = masked_model(tmp_path)
    run = import_keras(behind_text_layer(path, vocabulary=own_words), tmp_path / "run")
    predictor = Predictor.from_run(run)
    np.testing.assert_allclose(predictor.predict_proba(list(TEXTS)), expected, atol=1e-6)
    text = run.recipe.text
    assert (text.start, text.unknown, text.first_word) == ("none", 1, 2)
    assert (run.recipe.data.padding, run.recipe.data.truncating) == ("right", "right")
    assert "text-vectorization: from index 2, unknown words are index 1" in run.result.changes[0]


@pytest.mark.parametrize("standardize", ["lower", "strip_punctuation", None])
def test_each_way_to_standardize_has_a_tokenizer(standardize: Any, tmp_path: Path) -> None:
    path, _ = masked_model(tmp_path)
    run = import_keras(behind_text_layer(path, standardize=standardize), tmp_path / "run")
    found = Predictor.from_run(run).vocabulary.encode("The cat, cat dont").tolist()
    assert found == {
        "lower": [3, 1, 7, 4], "strip_punctuation": [1, 7, 7, 4], None: [1, 1, 7, 4],
    }[standardize]  # fmt: skip


def test_without_a_length_all_of_a_text_is_read(tmp_path: Path) -> None:
    path = saved(tmp_path, embedding(True), L.GRU(3), two(), length=None)
    network = keras.saving.load_model(path)
    run = import_keras(behind_text_layer(path, output_sequence_length=None), tmp_path / "run")
    text = "cat good the " * 100
    expected = np.array(network(np.array([[7, 2, 3] * 100])))
    np.testing.assert_allclose(Predictor.from_run(run).predict_proba([text]), expected, atol=1e-6)
    assert "any length: the first or last 1000 indices are used" in run.result.changes[1]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"ngrams": 2}, "ngrams = 2; hoiquy only has None"),
        ({"split": "character"}, "split = character; hoiquy only has whitespace"),
        ({"output_mode": "tf_idf"}, "output_mode = tf_idf"),
        ({"standardize": {"class_name": "function", "config": "mine"}}, "standardize = function"),
        ({"ragged": True}, "ragged = True"),
        ({"encoding": "latin-1"}, "encoding = latin-1"),
        ({"vocabulary": "words.txt"}, "has no words in the file"),
        ({"vocabulary": [f"w{n}" for n in range(ROWS)]}, f"embedding has {ROWS} rows, but the wo"),
        ({"output_sequence_length": 0}, "output_sequence_length = 0"),
        ({"stem": True}, "stem = True, a setting that hoiquy does not know"),
    ],
)
def test_settings_that_would_read_other_words_are_refused(
    settings: Config, said: str, tmp_path: Path
) -> None:
    path, _ = masked_model(tmp_path)
    with pytest.raises(InputError, match=said):
        import_keras(behind_text_layer(path, **settings), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_options_that_the_model_decides_are_refused(tmp_path: Path) -> None:
    path = behind_text_layer(masked_model(tmp_path)[0])
    for given, said in (
        ({"text_options": TextOptions(padding="left")}, "--padding requires --vocabulary"),
        ({"vocabulary": tmp_path / "words.txt"}, "leave out --text-description and --vocabulary"),
        ({"text_options": TextOptions(max_length=9)}, "takes documents of 5 indices"),
    ):
        with pytest.raises(InputError, match=said):
            import_keras(path, tmp_path / "run", **given)  # type: ignore[arg-type]


def test_a_model_behind_the_old_tokenizer(tmp_path: Path) -> None:
    """Words from index 1, unknown ones dropped, padded by `pad_sequences`."""
    path = saved(tmp_path, embedding(True), L.LSTM(3), two(), length=4)
    (tmp_path / "words.txt").write_text("the\ncat\nsat", encoding="utf-8")
    text_options = TextOptions(numbering="tokenizer")
    run = imported(path, text_options=text_options, classes=["neg", "pos"])
    texts = {
        "": [0, 0, 0, 0], "dog": [0, 0, 0, 0], "The cat, dog: sat": [0, 1, 2, 3],
        "the the cat cat sat": [1, 2, 2, 3],
    }  # fmt: skip
    network = keras.saving.load_model(path)
    expected = np.array(network.predict_on_batch(np.array(list(texts.values()), np.int32)))
    predictor = Predictor.from_run(run)
    np.testing.assert_allclose(predictor.predict_proba(list(texts)), expected, atol=1e-6)
    trace = explain(predictor, "the dog cat")
    assert [word.word for word in trace.words] == ["the", "cat"]
    np.testing.assert_array_equal(trace.probabilities[-1], predictor.predict_proba(["the cat"])[0])


@pytest.mark.parametrize("to", ["onnx", "keras"])
def test_an_imported_numbering_is_exported_and_read_back(to: Any, tmp_path: Path) -> None:
    run = import_keras(behind_text_layer(masked_model(tmp_path)[0]), tmp_path / "run")
    exported = export_run(run, to, tmp_path / f"again.{to}")
    assert exported.parity.largest.largest_difference < 1e-6
    if to == "keras":
        again = import_keras(exported.model, tmp_path / "again")
        ours, theirs = (Predictor.from_run(one).predict_proba(list(TEXTS)) for one in (run, again))
        np.testing.assert_array_equal(ours, theirs)
        assert again.recipe.text == run.recipe.text


def test_masked_pooling_is_exported_although_keras_has_no_mean_of_nothing(tmp_path: Path) -> None:
    path = saved(
        tmp_path, embedding(True), L.GRU(3, return_sequences=True), L.GlobalAveragePooling1D(),
        two(), length=5,
    )  # fmt: skip
    run = import_keras(behind_text_layer(path), tmp_path / "run")
    assert export_run(run, "keras", tmp_path / "again.keras").parity.failed is None


@pytest.mark.parametrize(
    ("mask", "length", "said"),
    [
        (False, 200, "does not mask padding: 200 indices of each are used; .* padded to 200"),
        (True, 1000, "padding has no effect"),
    ],
)
def test_a_model_of_any_length_has_a_default(
    mask: bool, length: int, said: str, tmp_path: Path
) -> None:
    """Keras' own IMDB example has Input(shape=(None,)) and no mask."""
    path = saved(tmp_path, embedding(mask), L.LSTM(3), two(), length=None)
    run = imported(path)
    assert run.recipe.data.max_length == length
    (note,) = run.result.changes
    assert re.search(said, note)
    other = tmp_path / "other"
    other.mkdir()
    path = saved(other, embedding(mask), L.LSTM(3), two(), length=None)
    run = imported(path, text_options=TextOptions(max_length=7))
    assert run.recipe.data.max_length == 7 and run.result.changes == []


def test_a_description_of_a_model_of_any_length_can_be_given_another(tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.mkdir()
    run: Run = imported(saved(first, embedding(), L.LSTM(3), two(), length=6))
    description = export_run(run, "onnx", tmp_path / "m.onnx").text
    path = saved(tmp_path, embedding(), L.LSTM(3), two(), length=None)
    for length in (None, 9):
        again = import_keras(
            path, tmp_path / f"run{length}", text_description=description,
            text_options=TextOptions(max_length=length),
        )  # fmt: skip
        assert again.recipe.data.max_length == (length or 6)


def test_the_options_of_the_command(tmp_path: Path) -> None:
    path = saved(tmp_path, embedding(), L.LSTM(3), two(), length=None)
    options = ("--vocabulary", tmp_path / "words.txt", "--classes", "neg,pos")
    done = call_hoiquy("import", path, *options, "--out", tmp_path / "one")
    assert done.returncode == 0 and "200 indices of each are used" in done.stdout, done.stderr
    done = call_hoiquy(
        "import", path, *options, "--max-length", "9", "--numbering", "tokenizer", "--padding",
        "right", "--truncating", "right", "--out", tmp_path / "two", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["changes"] == [
        "words are numbered as tokenizer: from index 1, unknown words are dropped, no start token"
    ]
    data = load_run(tmp_path / "two").recipe.data
    assert (data.max_length, data.padding, data.truncating) == (9, "right", "right")
    assert call_hoiquy("predict", tmp_path / "two", "w1 what w2").returncode == 0
    wrong = call_hoiquy("import", path, "--padding", "left", "--out", tmp_path / "three")
    assert "--padding requires --vocabulary" in only_line_of_error(wrong, 2)
