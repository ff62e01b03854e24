"""`.keras` files that Keras itself made: read with the same answers, or refused by name."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from hoiquy.errors import InputError, RunError
from hoiquy.interop.keras.import_run import import_keras
from hoiquy.prediction.predictor import Predictor
from hoiquy.runs.folder import Run, load_run
from hoiquy.workflows.compare import compare
from hoiquy.workflows.train import resume
from hoiquy.workflows.verify import retrain, verify

L = keras.layers
ROWS, LENGTH = 20, 6
WORDS = [f"w{number}" for number in range(30)]


def saved(folder: Path, *layers: Any, length: int | None = LENGTH) -> Path:
    """A Sequential model that Keras made, with random biases, and its words beside it."""
    first = () if isinstance(layers[0], L.InputLayer) else (L.InputLayer((length,)),)
    return write(folder, keras.Sequential([*first, *layers]))


def write(folder: Path, model: Any) -> Path:
    rng = np.random.default_rng(5)
    model.set_weights([rng.normal(0, 0.5, w.shape).astype(w.dtype) for w in model.get_weights()])
    model.save(folder / "mine.keras")
    (folder / "words.txt").write_text("\n".join(WORDS), encoding="utf-8")
    return folder / "mine.keras"


def imported(path: Path, **more: Any) -> Run:
    return import_keras(path, path.parent / "run", vocabulary=path.parent / "words.txt", **more)


def embedding(mask: bool = False) -> Any:
    return L.Embedding(ROWS, 4, mask_zero=mask)


def two() -> Any:
    return L.Dense(2, "sigmoid")


MADE = {
    "lab": lambda: [
        embedding(), L.Dropout(0.3),
        L.LSTM(5, kernel_regularizer=keras.regularizers.L2(0.01), dropout=0.3), two(),
    ],
    "l1_l2": lambda: [embedding(), L.GRU(5, kernel_regularizer=keras.regularizers.L1L2(l2=0.1)),
                      two()],
    "masked": lambda: [embedding(True), L.Bidirectional(L.GRU(5, return_sequences=True)),
                       L.LSTM(3, name="my_own_name"), L.Dense(3, "relu"), two()],
    "masked_mean": lambda: [embedding(True), L.SimpleRNN(5, return_sequences=True),
                            L.GlobalAveragePooling1D(), two()],
    "maximum": lambda: [embedding(), L.LSTM(5, return_sequences=True),
                        L.LSTM(5, return_sequences=True), L.GlobalMaxPooling1D(), two()],
    "raw_numbers": lambda: [L.InputLayer((LENGTH, 1)), L.SimpleRNN(5), two()],
    "one_sigmoid": lambda: [embedding(), L.LSTM(5), L.Dense(1, "sigmoid")],
    "softmax_of_two": lambda: [embedding(), L.LSTM(5), L.Dense(2, "softmax")],
}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
def test_what_keras_made_answers_the_same(name: str, tmp_path: Path) -> None:
    path = saved(tmp_path, *MADE[name]())
    run = imported(path, classes=["neg", "pos"])
    predictor = Predictor.from_run(run)
    indices = np.random.default_rng(1).integers(0, ROWS, (64, LENGTH), np.int32)
    indices[::2, :2] = 0
    theirs = np.array(keras.saving.load_model(path).predict_on_batch(
        indices[..., None].astype(np.float32) if name == "raw_numbers" else indices
    ))  # fmt: skip
    if theirs.shape[1] == 1:
        theirs = np.concatenate([1 - theirs, theirs], axis=1)
    np.testing.assert_allclose(predictor.model.probabilities(indices), theirs, atol=1e-5)
    assert predictor.classes == ("neg", "pos")
    assert bool(run.result.changes) == (name == "one_sigmoid")
    assert run.recipe.model.output == ("softmax" if name == "softmax_of_two" else "sigmoid")


REFUSED = {
    "layer conv is of the class Conv1D, which": lambda: [embedding(), L.Conv1D(3, 2, name="conv"),
                                                         L.LSTM(2), two()],
    "reset_after = False": lambda: [embedding(), L.GRU(2, reset_after=False), two()],
    "layer masking is of the class Masking": lambda: [embedding(), L.Masking(), L.LSTM(2), two()],
    "recurrent_activation = hard": lambda: [embedding(), L.LSTM(2, recurrent_activation="hard_"
                                                               "sigmoid"), two()],
    "activation = gelu": lambda: [embedding(), L.LSTM(2), L.Dense(3, "gelu"), two()],
    "keepdims = True": lambda: [embedding(), L.GlobalAveragePooling1D(keepdims=True), L.LSTM(2),
                                two()],
    "layer time_distributed is": lambda: [embedding(), L.TimeDistributed(L.Dense(2)), L.LSTM(2),
                                          two()],
    "two directions differ": lambda: [embedding(), L.Bidirectional(
        L.LSTM(2), backward_layer=L.LSTM(2, dropout=0.5, go_backwards=True)), two()],
    "go_backwards = True": lambda: [embedding(), L.LSTM(2, go_backwards=True), two()],
    "activation = relu": lambda: [embedding(), L.LSTM(2, activation="relu"), two()],
    "merge_mode = sum": lambda: [embedding(), L.Bidirectional(L.LSTM(2), "sum"), two()],
    "use_bias = False": lambda: [embedding(), L.LSTM(2, use_bias=False), two()],
    "dtype = float16": lambda: [embedding(), L.LSTM(2, dtype="float16"), two()],
    "must be a Dense": lambda: [embedding(), L.LSTM(2)],
    "includes masked steps": lambda: [embedding(True), L.LSTM(2, return_sequences=True),
                                       L.GlobalMaxPooling1D(), two()],
    "layers.1 .dense. expects a vector": lambda: [embedding(), L.Dense(2), L.LSTM(2), two()],
    "and a first layer lstm": lambda: [L.InputLayer((LENGTH, 3)), L.LSTM(2), two()],
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Layer 'global_max_pooling1d")  # Keras warns of it, too
@pytest.mark.parametrize("said", REFUSED)
def test_what_hoiquy_does_not_have_is_named(said: str, tmp_path: Path) -> None:
    path = saved(tmp_path, *REFUSED[said]())
    with pytest.raises(InputError, match=said) as caught:
        imported(path)
    assert str(caught.value).startswith(str(path))
    assert not (tmp_path / "run").exists()


def test_a_model_that_is_no_straight_line_is_named(tmp_path: Path) -> None:
    words = keras.Input((LENGTH,))
    x = embedding()(words)
    both = L.Concatenate(name="joined")([L.LSTM(2)(x), L.GRU(2)(x)])
    path = write(tmp_path, keras.Model(words, two()(both)))
    with pytest.raises(InputError, match=r"layer \w+ \(GRU\) has inputs|layer joined"):
        imported(path)
    state = L.LSTM(2)(keras.ops.multiply(x, 2.0))
    path = write(tmp_path, keras.Model(words, two()(state)))
    with pytest.raises(InputError, match=r"\(Multiply\) has an operation that hoiquy does not"):
        imported(path)


def test_text_rules_that_are_missing_or_of_another_model_are_named(tmp_path: Path) -> None:
    path = saved(tmp_path, *MADE["lab"]())
    with pytest.raises(
        InputError, match=r"no mine\.text\.json next to it; give --text-description"
    ):
        import_keras(path, tmp_path / "run")
    with pytest.raises(InputError, match="has 2 classes, but the names given are a, b, c"):
        imported(path, classes=["a", "b", "c"])
    path = saved(tmp_path, *MADE["lab"](), length=None)
    with pytest.raises(InputError, match="has 2 classes, but the names given are a"):
        imported(path, classes=["a"])
    (tmp_path / "words.txt").write_bytes(b"a\n\nb\n")
    path = saved(tmp_path, *MADE["lab"]())
    (tmp_path / "words.txt").write_bytes(b"a\n\nb\n")
    with pytest.raises(InputError, match="not a list of words"):
        imported(path)


def test_what_works_on_an_imported_run_and_what_says_why_not(tmp_path: Path) -> None:
    run = imported(saved(tmp_path, *MADE["lab"]()))
    assert load_run(run.folder) == run
    read, problems = verify(run.folder)
    assert "weights.safetensors" in read and problems == []
    for refused in (
        lambda: resume(run.folder),
        lambda: retrain(run.folder),
        lambda: run.predictions(),
    ):
        with pytest.raises(RunError, match="without its training"):
            refused()
    notes: list[str] = []
    with pytest.raises(RunError, match="none of these runs is complete"):
        compare(run, on_note=notes.append)
    assert "never scored" in notes[0]


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    path = saved(tmp_path, *MADE["lab"]())
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("mine")
    with pytest.raises(RunError, match="not empty"):
        imported(path)
    assert [found.name for found in (tmp_path / "run").iterdir()] == ["mine.txt"]
