"""`Model.to_run`: the run predicts what the model predicts, and works as any run does."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import numpy as np
import pytest
from numpy.typing import NDArray

from command_line import call_hoiquy
from hoiquy import keras
from hoiquy.errors import HoiquyError
from hoiquy.interop.export import export_run
from hoiquy.keras import layers
from hoiquy.keras.preprocessing.sequence import pad_sequences
from hoiquy.keras.preprocessing.text import Tokenizer
from hoiquy.prediction.load import load_predictor
from hoiquy.runs.folder import load_run

LENGTH, WORDS = 9, 20
RNG = np.random.default_rng(3)
TEXTS = [
    " ".join(f"Word{n}," for n in RNG.integers(0, 30, size)) for size in RNG.integers(1, 14, 60)
]
LABELS = np.array(["word1," in text.lower() for text in TEXTS]).astype(int)
UNSEEN = ["word3 nothing word4!", "", "nothing", "WORD5\tword6 word7 word8 word9 word1 " * 3]

Build = Callable[[], Any]


def fitted_tokenizer(**settings: Any) -> Tokenizer:
    tokenizer = Tokenizer(num_words=WORDS, **settings)
    tokenizer.fit_on_texts(TEXTS)
    return tokenizer


def chain(
    units: int = 1, activation: str | None = "sigmoid", rnn: Any = None, **embedding: Any
) -> Any:
    return keras.Sequential(
        [
            layers.Input((LENGTH,)),
            layers.Embedding(WORDS, 5, **embedding),
            layers.Dropout(0.2),
            rnn or layers.Bidirectional(layers.LSTM(4, return_sequences=True), merge_mode="sum"),
            layers.GlobalAveragePooling1D(),
            layers.Dense(3, activation="relu", kernel_regularizer="l2"),
            layers.Dense(units, activation=activation),
        ]
    )


def branches() -> Any:
    words = layers.Input((LENGTH,))
    vectors = layers.Embedding(WORDS, 5, mask_zero=True)(words)
    windows = layers.Conv1D(4, 3, activation="gelu", padding="same")(vectors)
    pooled = layers.GlobalMaxPooling1D()(windows)
    state = layers.Bidirectional(layers.GRU(3, reset_after=False))(vectors)
    joined = layers.BatchNormalization()(layers.concatenate([pooled, state]))
    return keras.Model(words, layers.Dense(1, activation="sigmoid", use_bias=False)(joined))


def shared_and_nested() -> Any:
    part = keras.Sequential([layers.Input((LENGTH, 5)), layers.LSTM(3), layers.Dense(4)])
    words = layers.Input((LENGTH,))
    vectors = layers.Embedding(WORDS, 5)(words)
    twice = [part(vectors), part(layers.SpatialDropout1D(0.1)(vectors))]
    scores = layers.Dense(2)(layers.Add()(twice))
    return keras.Model(words, layers.Activation("softmax")(scores))


def dense_at_each_step() -> Any:
    """Known layers one after another, in an order that chains do not have."""
    return keras.Sequential(
        [
            layers.Input((LENGTH,)),
            layers.Embedding(WORDS, 5),
            layers.GRU(4, return_sequences=True),
            layers.Dense(3, activation="sigmoid"),
            layers.GlobalMaxPooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def with_states() -> Any:
    words = layers.Input((LENGTH,))
    vectors = layers.Embedding(WORDS, 5, mask_zero=True)(words)
    _, hidden, carry = layers.LSTM(4, return_state=True)(vectors)
    out = layers.LSTM(4, zero_output_for_mask=True)(vectors, initial_state=[hidden, carry])
    return keras.Model(words, layers.Dense(2, activation="softmax")(out))


def trained(
    model: Any, tokenizer: Any, loss: str = "binary_crossentropy", **padding: str
) -> NDArray[Any]:
    x = pad_sequences(tokenizer.texts_to_sequences(TEXTS), maxlen=LENGTH, **padding)
    model.compile(keras.optimizers.RMSprop(0.01, rho=0.8), loss, metrics=["accuracy"])
    model.fit(x, LABELS, epochs=2, batch_size=16, validation_split=0.25, verbose=0)
    return x


@pytest.mark.parametrize(
    ("build", "is_chain"),
    [
        (chain, True),
        (lambda: chain(2, "softmax"), True),
        (lambda: chain(1, "sigmoid", layers.SimpleRNN(3, "selu", return_sequences=True)), True),
        (lambda: chain(mask_zero=True), True),
        (branches, False),
        (shared_and_nested, False),
        (with_states, False),
        (dense_at_each_step, False),
    ],
)
@pytest.mark.parametrize("oov", [None, "<oov>"])
def test_the_run_predicts_as_the_model(
    build: Build, is_chain: bool, oov: str | None, tmp_path: Path
) -> None:
    keras.utils.set_random_seed(1)
    tokenizer, model = fitted_tokenizer(oov_token=oov), build()
    softmax = model.output_shape[-1] == 2
    trained(
        model, tokenizer, "sparse_categorical_crossentropy" if softmax else "binary_crossentropy"
    )
    run = model.to_run(tmp_path / "run", tokenizer, classes=["no", "yes"])
    predictor = load_predictor(run)
    if build is not chain or not is_chain:
        assert predictor.model.is_chain == is_chain
    for texts in (TEXTS, UNSEEN):
        x = pad_sequences(tokenizer.texts_to_sequences(texts), maxlen=LENGTH)
        expected = model.predict(x, verbose=0)
        found = predictor.predict_proba(texts)
        np.testing.assert_allclose(found[:, -expected.shape[1] :], expected, atol=1e-6)
    assert len(run.history) == 2
    assert run.history[1].val_loss == pytest.approx(model.history.history["val_loss"][1])
    training = run.recipe.training
    assert training.optimizer == {"type": "rmsprop", "rho": 0.8}
    assert (training.batch_size, training.epochs) == (16, 2)
    assert (run.result.train_documents, run.result.validation_documents) == (45, 15)


@pytest.mark.parametrize(("padding", "truncating"), [("post", "pre"), ("pre", "post")])
def test_padding_and_truncating_are_those_of_pad_sequences(
    padding: str, truncating: str, tmp_path: Path
) -> None:
    tokenizer, model = fitted_tokenizer(), with_states()
    sides = {"padding": padding, "truncating": truncating}
    trained(model, tokenizer, "sparse_categorical_crossentropy", **sides)
    run = model.to_run(tmp_path / "run", tokenizer, **sides)
    x = pad_sequences(tokenizer.texts_to_sequences(TEXTS), maxlen=LENGTH, **sides)
    found = load_predictor(run).predict_proba(TEXTS)
    np.testing.assert_allclose(found, model.predict(x, verbose=0), atol=1e-6)
    assert run.result.classes == ["0", "1"]


@pytest.mark.parametrize("build", [chain, branches])
def test_the_commands_take_the_run(build: Build, tmp_path: Path) -> None:
    tokenizer, model = fitted_tokenizer(), build()
    trained(model, tokenizer)
    folder = tmp_path / "run"
    model.to_run(folder, tokenizer, classes=["no", "yes"])
    predicted = call_hoiquy("predict", folder, "--format", "jsonl", TEXTS[0])
    assert predicted.returncode == 0, predicted.stderr
    x = pad_sequences(tokenizer.texts_to_sequences(TEXTS[:1]), maxlen=LENGTH)
    probability = json.loads(predicted.stdout)["probabilities"]["yes"]
    assert probability == pytest.approx(float(model.predict(x, verbose=0)[0, 0]), abs=1e-6)
    table = tmp_path / "table.csv"
    rows = [
        f'"{text}",{"yes" if label else "no"}' for text, label in zip(TEXTS, LABELS, strict=True)
    ]
    table.write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    evaluated = call_hoiquy("evaluate", folder, table, "--json")
    assert evaluated.returncode == 0, evaluated.stderr
    for name in ("report.html", "report.md"):
        report = call_hoiquy("report", folder, "--out", tmp_path / name, "--lang", "en")
        assert report.returncode == 0, report.stderr
        assert model.name in (tmp_path / name).read_text(encoding="utf-8")
    exported = call_hoiquy("export", folder, "--to", "onnx", "--out", tmp_path / "model.onnx")
    if build is branches:
        assert exported.returncode != 0
        assert "takes a chain of embedding, dropout" in exported.stderr
        assert len(exported.stderr.splitlines()) == 1
    verified = call_hoiquy("verify", folder)
    assert verified.returncode == 0, verified.stderr


@pytest.mark.keras
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_keras_takes_the_settings_of_a_chain(tmp_path: Path) -> None:
    pytest.importorskip("keras")
    layer = layers.Bidirectional(
        layers.GRU(3, activation="relu", use_bias=False, recurrent_dropout=0.1), merge_mode="mul"
    )
    model = keras.Sequential(
        [layers.Input((LENGTH,)), layers.Embedding(WORDS, 4), layer,
         layers.Dense(2, "gelu", use_bias=False), layers.Dense(2, "softmax", use_bias=False)]
    )  # fmt: skip
    run = model.to_run(tmp_path / "run", fitted_tokenizer())
    assert run.recipe.model.layers[1].settings == {
        "activation": "relu", "use_bias": False, "recurrent_dropout": 0.1,
        "masked_with_states": False,
    }  # fmt: skip
    assert load_predictor(run).model.is_chain
    exported = export_run(run, "keras", tmp_path / "model.keras")
    assert exported.parity.failed is None
    with pytest.raises(HoiquyError, match="which ONNX export does not support"):
        export_run(run, "onnx", tmp_path / "model.onnx")


def test_ranks_as_values(tmp_path: Path) -> None:
    tokenizer = fitted_tokenizer()
    model = keras.Sequential(
        [layers.Input((LENGTH, 1)), layers.SimpleRNN(4), layers.Dense(2, "softmax")]
    )
    run = model.to_run(tmp_path / "run", tokenizer)
    x = pad_sequences(tokenizer.texts_to_sequences(TEXTS), maxlen=LENGTH)
    expected = model.predict(x[:, :, None].astype("float32"), verbose=0)
    np.testing.assert_allclose(load_predictor(run).predict_proba(TEXTS), expected, atol=1e-6)
    assert run.history == []
    assert any("not trained by fit" in note for note in run.result.changes)


def test_a_word_index_with_special_words(tmp_path: Path) -> None:
    index = {"<PAD>": 0, "<START>": 1, "<UNK>": 2, "<UNUSED>": 3} | {
        f"word{n}": n + 4 for n in range(16)
    }
    run = chain().to_run(tmp_path / "run", index)
    text = run.recipe.text
    assert (text.start, text.unknown, text.first_word, text.num_words) == (1, 2, 4, WORDS)
    assert load_predictor(run).vocabulary.encode("word0 x word15").tolist() == [1, 4, 2, 19]


def test_imdb_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ranks = {"the": 1, "and": 2, "a": 3, "of": 4}
    monkeypatch.setattr("hoiquy.keras.datasets.imdb.get_word_index", lambda: ranks)
    run = chain().to_run(tmp_path / "run")
    assert run.result.classes == ["neg", "pos"]
    assert load_predictor(run).vocabulary.encode("of the x").tolist() == [1, 7, 4, 2]


def test_several_labels(tmp_path: Path) -> None:
    run = chain(3).to_run(
        tmp_path / "run", fitted_tokenizer(), classes=list("abc"), multilabel=True
    )
    assert load_run(run.folder).result.multilabel
    assert isinstance(load_predictor(run).predict(TEXTS[:1])[0], tuple)


def two_inputs() -> Any:
    one, two = layers.Input((LENGTH,)), layers.Input((3,))
    state = layers.GRU(3)(layers.Embedding(WORDS, 4)(one))
    return keras.Model(
        [one, two], layers.Dense(1, activation="sigmoid")(layers.concatenate([state, two]))
    )


def any_length() -> Any:
    return keras.Sequential([layers.Input((None,)), layers.Embedding(WORDS, 4), layers.GRU(3),
                             layers.Dense(1, activation="sigmoid")])  # fmt: skip


@pytest.mark.parametrize(
    ("build", "arguments", "named"),
    [
        (chain, {"tokenizer": Tokenizer()}, "call fit_on_texts first"),
        (chain, {"tokenizer": fitted_tokenizer(char_level=True)}, "char_level=True"),
        (chain, {"tokenizer": fitted_tokenizer(lower=False)}, "lower=False"),
        (chain, {"tokenizer": fitted_tokenizer(filters="!")}, "filters='!'"),
        (chain, {"tokenizer": 3}, "expected a Tokenizer"),
        (chain, {"tokenizer": {"a": 1, "b": 3}}, "consecutive from 1"),
        (chain, {"classes": ["one"]}, "expected 2 different names"),
        (chain, {"padding": "left"}, "expected 'pre' or 'post'"),
        (chain, {"max_length": 5}, "takes 9 words"),
        (chain, {"multilabel": True}, "two or more sigmoids"),
        (lambda: chain(1, None), {}, "the last layer is linear"),
        (two_inputs, {}, "2 inputs and 1 outputs"),
        (any_length, {}, "give max_length"),
        (lambda: keras.Sequential([layers.Input((LENGTH,)), layers.Dense(1, activation="sigmoid")]),
         {}, "word indices"),
        (lambda: keras.Sequential([layers.Input((LENGTH,)), layers.Embedding(WORDS, 4),
                                   layers.GRU(2, activation="sigmoid")]),
         {}, "expected a Dense layer"),
    ],
)  # fmt: skip
def test_what_is_no_run_is_one_line(
    build: Build, arguments: dict[str, Any], named: str, tmp_path: Path
) -> None:
    given = {"tokenizer": fitted_tokenizer()} | arguments
    with pytest.raises(HoiquyError) as caught:
        build().to_run(tmp_path / "run", **given)
    assert isinstance(caught.value, ValueError | TypeError)
    assert named in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert not (tmp_path / "run").exists()
