"""The code in the report: Keras and hoiquy.keras run it, and it is the recipe's network."""

import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest

from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.report.keras_code.script import can_be_keras, script
from hoiquy.training.model_building import build_model
from imported_keras import import_hook, run_code
from keras_datasets import write_imdb

EXERCISES = ("bai1", "bai2", "bai3", "bai4", "bai5")
WORDS = 20  # of the miniature, ranks 1 to 20
SMALL = ("data.max_length=6", "training.epochs=2", "training.batch_size=4", "text.num_words=18")


@pytest.fixture
def reviews(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A miniature of Keras' reviews where both look for them; no window opens."""
    datasets = Path(os.environ["KERAS_HOME"]) / "datasets"
    written = [write_imdb(datasets / "imdb.npz", 12), datasets / "imdb_word_index.json"]
    ranks = {f"word{rank}": rank for rank in range(1, WORDS + 1)}
    written[1].write_text(json.dumps(ranks), encoding="utf-8")
    monkeypatch.delenv("HOIQUY_IMDB", raising=False)
    monkeypatch.setenv("HOIQUY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(plt, "show", lambda: None)
    # Keras checks the sum of the published file, and would download it anew
    import keras.src.datasets.imdb as real

    monkeypatch.setattr(real, "get_file", lambda fname, **_: str(datasets / fname))
    yield tmp_path
    plt.close("all")
    for file in written:
        file.unlink()


def run_script(folder: Path, recipe: Recipe, engine: str, lang: Any = "en") -> dict[str, Any]:
    context: AbstractContextManager[None] = import_hook() if engine == "hoiquy" else nullcontext()
    with context:
        return run_code(folder, script(recipe, "Exercise", lang))


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize("engine", ["hoiquy", "keras"])
def test_the_code_trains_the_network_of_the_recipe(
    reviews: Path, name: str, engine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = load_recipe(name).with_settings(SMALL)
    names = run_script(reviews, recipe, engine)
    model, training = names["model"], recipe.training
    assert type(model).__module__.startswith("hoiquy") == (engine == "hoiquy")
    ours = build_model(recipe, vocabulary_size=WORDS, classes=2, seed=1)
    assert model.count_params() == ours.parameter_count
    assert names["history"].params["epochs"] == len(names["history"].epoch) == 2
    assert {"accuracy", "val_accuracy", "loss", "val_loss"} == {*names["history"].history}
    assert float(model.optimizer.learning_rate) == pytest.approx(training.learning_rate)
    assert names["x_train"].shape == ((12, 6, 1) if name in ("bai1", "bai2") else (12, 6))
    assert "Test accuracy: " in capsys.readouterr().out


@pytest.mark.parametrize("engine", ["hoiquy", "keras"])
def test_the_layers_have_the_settings_of_the_recipe(reviews: Path, engine: str) -> None:
    recipe = load_recipe("bai4").with_settings(SMALL)
    embedding, dropout, first, _, second, _, last = run_script(reviews, recipe, engine, "vi")[
        "model"
    ].layers
    assert embedding.get_config()["input_dim"] == WORDS
    assert dropout.get_config()["rate"] == 0.3
    config = first.get_config()
    assert (config["units"], config["dropout"], config["return_sequences"]) == (200, 0.33, True)
    for penalty in ("kernel_regularizer", "recurrent_regularizer"):
        assert config[penalty]["config"]["l2"] == pytest.approx(0.01)
    assert second.get_config()["units"] == 64
    assert second.get_config()["kernel_regularizer"] is None
    assert last.get_config()["activation"] == "sigmoid"


@pytest.mark.parametrize("engine", ["hoiquy", "keras"])
def test_settings_beyond_the_lab(reviews: Path, engine: str) -> None:
    settings = (
        *SMALL, "model.layers.0.mask_zero=true", "model.layers.0.initial_limit=0.1",
        "model.layers.2.bidirectional=true", "training.label_smoothing=0.1",
        "training.clip_norm=1.5", "training.early_stopping.patience=3",
        "training.early_stopping.restore_best=true", "data.padding=right",
    )  # fmt: skip
    names = run_script(reviews, load_recipe("bai3").with_settings(settings), engine)
    config = names["model"].layers[2].get_config()
    assert config["merge_mode"] == "concat"
    assert config["layer"]["config"]["units"] == 200
    assert names["model"].optimizer.global_clipnorm == 1.5
    assert (names["x_train"][:, -1] == 0).any()


def test_what_keras_has_not_is_not_written_as_keras_code() -> None:
    bai3 = load_recipe("bai3")
    assert can_be_keras(bai3)
    for setting in (
        "text.ngrams=2", "training.class_weight=balanced", "training.min_steps=100",
        "model.layers.0.word_dropout=0.1", "text.normalization=nfc", "model.wide=true",
        "training.adversarial_epsilon=0.1", "model.layers.2.use_bias=false",
    ):  # fmt: skip
        assert not can_be_keras(bai3.with_settings([setting])), setting
    with pytest.raises(ValueError, match="bai3: not expressible"):
        script(bai3.with_settings(["text.ngrams=2"]), "Exercise 3", "en")


@pytest.mark.parametrize("name", [*EXERCISES, *(f"{name}-quick" for name in EXERCISES)])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_lines_fit_a_page(name: str, lang: Any) -> None:
    code = script(load_recipe(name), "Bài 4: Embedding(128) → LSTM(200) → LSTM(64)", lang)
    assert max(map(len, code.splitlines())) <= 88
