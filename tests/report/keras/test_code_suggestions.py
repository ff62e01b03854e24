"""What the doctor suggests, beside Keras code, in the terms of that code."""

import pytest

from hoiquy.callbacks.doctor import suggested_settings as settings
from hoiquy.recipe.recipe import load_recipe
from hoiquy.report.keras_code.script import exercise_code
from hoiquy.report.keras_code.suggestion import beside_code, suggested_code
from hoiquy.runs.diagnostic import Diagnostic


@pytest.mark.parametrize(
    ("name", "setting", "expected"),
    [
        ("bai3", "training.learning_rate=1e-05",
         "optimizer=keras.optimizers.Adam(learning_rate=1e-05)"),
        ("bai3", "training.epochs=30", "epochs=30"),
        ("bai1", 'model.layers.0.activation="tanh"', "layers.SimpleRNN(200)"),
        ("bai3", settings.with_early_stopping(load_recipe("bai3")),
         'callbacks=[keras.callbacks.EarlyStopping("val_loss", patience=2, min_delta=0.0, '
         'restore_best_weights=True)]'),
        ("bai1", settings.with_embedding(load_recipe("bai1")),
         "keras.Input(shape=(200,))`, `layers.Embedding(len(imdb.get_word_index()), 128)`, without "
         '`x_train = x_train[:, :, np.newaxis].astype("float32")`, '
         '`x_test = x_test[:, :, np.newaxis].astype("float32")'),
        ("bai2", settings.with_one_recurrent_layer(load_recipe("bai2")),
         'keras.Input(shape=(200, 1))`, `layers.SimpleRNN(200, activation="relu")`, '
         '`layers.Dense(2, activation="sigmoid")'),
        ("bai3", "model.wide=true", None),  # no Keras code has it
        ("bai3", 'text.tokenizer="characters"', None),
        ("bai3", "training.epochs=10", None),  # as it is
        ("bai3", "training.no_such=1", None),
    ],
)  # fmt: skip
def test_a_setting_is_a_change_of_the_code(
    name: str, setting: str | None, expected: str | None
) -> None:
    assert setting is not None
    assert suggested_code(load_recipe(name), setting, "en") == expected


@pytest.mark.parametrize("name", ["bai1-quick", "bai2", "bai3", "bai4-quick", "bai5"])
def test_what_is_suggested_is_in_the_code_of_the_changed_recipe(name: str) -> None:
    recipe = load_recipe(name)
    one_line = " ".join(exercise_code(recipe, "title", "en").split())
    for make in (
        settings.with_smaller_steps,
        settings.with_more_epochs,
        settings.with_smaller_layer,
    ):
        setting = make(recipe)
        suggested = suggested_code(recipe, setting, "en")
        changed = exercise_code(recipe.with_settings([setting]), "title", "en")
        assert suggested is not None
        assert "".join(suggested.split()) in "".join(changed.split()).replace(",)", ")")
        assert suggested not in one_line


def test_a_diagnostic_keeps_the_setting_where_the_code_cannot_express_it() -> None:
    recipe = load_recipe("bai3")
    plain = Diagnostic("loss_jumps", {"in_epoch": 2, "loss": 1.0, "least": 0.5, "rate": 1e-3},
                       "training.learning_rate=0.0001", epoch=2)  # fmt: skip
    beside = beside_code(plain, recipe.with_settings(["training.learning_rate=0.001"]))
    assert "`training.learning_rate=0.0001`" in plain.text("en")
    assert "`optimizer=keras.optimizers.Adam(learning_rate=0.0001)`" in beside.text("en")
    assert beside.seen("vi") == plain.seen("vi")
    wide = beside_code(Diagnostic("loss_jumps", plain.values, "model.wide=true"), recipe)
    assert "`model.wide=true`" in wide.change("vi")
