"""Recipes: the built-in ones follow the lab sheet, TOML round-trips, errors name the remedy."""

from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from hoiquy.errors import RecipeError
from hoiquy.recipe.recipe import Recipe, load_recipe, parse_recipe, recipe_names

EXERCISES = ["bai1", "bai2", "bai3", "bai4", "bai5"]

EMBEDDING = {
    "type": "embedding",
    "units": 128,
    "rows": "vocabulary",
    "mask_zero": False,
    "word_dropout": 0.0,
    "initial_limit": 0.05,
}
DROPOUT = {"type": "dropout", "rate": 0.3}
OUTPUT = {"type": "dense", "units": "classes", "activation": "sigmoid"}
RECURRENT = {
    "units": 200,
    "return_sequences": False,
    "dropout": 0.0,
    "kernel_l2": 0.0,
    "recurrent_l2": 0.0,
    "bidirectional": False,
}
SIMPLE_RNN = {**RECURRENT, "type": "simple_rnn", "activation": "relu"}
WITH_PENALTY = {**RECURRENT, "dropout": 0.33, "kernel_l2": 0.01, "recurrent_l2": 0.01}
SEQUENCES = {"return_sequences": True}

LAYERS: dict[str, list[dict[str, Any]]] = {
    "bai1": [SIMPLE_RNN, OUTPUT],
    "bai2": [SIMPLE_RNN | SEQUENCES, SIMPLE_RNN, OUTPUT],
    "bai3": [EMBEDDING, DROPOUT, WITH_PENALTY | {"type": "lstm"}, DROPOUT, OUTPUT],
    "bai4": [
        EMBEDDING,
        DROPOUT,
        WITH_PENALTY | SEQUENCES | {"type": "lstm"},
        DROPOUT,
        RECURRENT | {"type": "lstm", "units": 64},
        DROPOUT,
        OUTPUT,
    ],
    "bai5": [EMBEDDING, DROPOUT, WITH_PENALTY | {"type": "gru"}, DROPOUT, OUTPUT],
}
INPUT = {
    "bai1": "values",
    "bai2": "values",
    "bai3": "indices",
    "bai4": "indices",
    "bai5": "indices",
}
RATE = {"bai1": 1e-4, "bai2": 1e-3, "bai3": 1e-4, "bai4": 1e-4, "bai5": 1e-4}
EPOCHS = {"bai1": 20, "bai2": 20, "bai3": 10, "bai4": 10, "bai5": 10}


@pytest.mark.parametrize("name", EXERCISES)
def test_exercise_is_the_lab_sheet(name: str) -> None:
    tables = load_recipe(name).model_dump()
    assert tables["name"] == name
    assert tables["data"] == {
        "max_length": 200,
        "padding": "left",
        "truncating": "left",
        "validation_fraction": 0.1,
    }
    assert tables["text"] == {
        "tokenizer": "keras",
        "normalization": "none",
        "segmentation": "none",
        "num_words": 10_000,
        "ngrams": 1,
        "ngram_min_count": 4,
        "start": 1,
        "unknown": 2,
        "first_word": 4,
    }
    assert tables["model"] == {"input": INPUT[name], "layers": LAYERS[name], "wide": False}
    assert tables["training"] == {
        "loss": "binary_crossentropy",
        "label_smoothing": 0.0,
        "optimizer": "adam",
        "learning_rate": RATE[name],
        "batch_size": 128,
        "epochs": EPOCHS[name],
        "seed": 1,
        "clip_norm": None,
        "max_steps": None,
        "class_weight": "none",
        "min_steps": 0,
        "adversarial_epsilon": 0.0,
        "schedule": {"type": "constant"},
        "early_stopping": {
            "monitor": "val_loss", "min_delta": 0.0, "patience": None, "restore_best": False,
        },
    }  # fmt: skip


@pytest.mark.parametrize("name", ["auto", "fast", "strong", "best"])
def test_one_label_of_several_is_a_softmax(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.model.output == "softmax"
    assert recipe.training.loss == "categorical_crossentropy"
    assert parse_recipe(recipe.to_toml(), "written") == recipe


@pytest.mark.parametrize("name", EXERCISES)
def test_quick_recipe_has_the_same_network_and_less_work(name: str) -> None:
    full, quick = load_recipe(name), load_recipe(f"{name}-quick")
    assert quick.name == f"{name}-quick"
    assert quick.model == full.model
    assert quick.text == full.text
    assert quick.data.max_length < full.data.max_length
    assert quick.training.epochs < full.training.epochs
    assert quick.training.learning_rate >= full.training.learning_rate
    assert "not the lab's own setting" in quick.description


def test_every_exercise_is_built_in_full_and_quick() -> None:
    names = recipe_names()
    assert names == sorted(names)
    assert {f"{name}{suffix}" for name in EXERCISES for suffix in ("", "-quick")} <= set(names)


@pytest.mark.parametrize("name", recipe_names())
def test_built_in_recipes_survive_toml(name: str) -> None:
    recipe = load_recipe(name)
    assert parse_recipe(recipe.to_toml(), name) == recipe


units = st.integers(1, 1000)
rates = st.floats(0, 1, exclude_max=True)
penalties = st.floats(0, 100)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@st.composite
def recurrent_layers(draw: st.DrawFn, return_sequences: bool) -> dict[str, Any]:
    layer: dict[str, Any] = {
        "type": draw(st.sampled_from(["simple_rnn", "lstm", "gru"])),
        "units": draw(units),
        "return_sequences": return_sequences,
        "dropout": draw(rates),
        "kernel_l2": draw(penalties),
        "recurrent_l2": draw(penalties),
        "bidirectional": draw(st.booleans()),
    }
    if layer["type"] == "simple_rnn":
        layer["activation"] = draw(st.sampled_from(["relu", "tanh"]))
    return layer


@st.composite
def models(draw: st.DrawFn) -> dict[str, Any]:
    """Layers that fit together: [embedding], recurrent ones, one vector, hidden dense, output."""
    model_input = draw(st.sampled_from(["indices", "values"]))
    layers: list[dict[str, Any]] = []
    if model_input == "indices":
        rows = draw(st.one_of(st.just("vocabulary"), units))
        mask_zero = draw(st.booleans())
        layers.append({"type": "embedding", "units": 8, "rows": rows, "mask_zero": mask_zero})
    for _ in range(draw(st.integers(0, 2))):
        layers.append({"type": "dropout", "rate": draw(rates)})
        layers.append(draw(recurrent_layers(return_sequences=True)))
    pooling = {
        "type": "pooling",
        "over_time": draw(st.sampled_from(["max", "mean", "last+max+mean"])),
    }
    layers.append(draw(st.one_of(st.just(pooling), recurrent_layers(return_sequences=False))))
    if draw(st.booleans()):
        activation = draw(st.sampled_from(["linear", "relu", "tanh"]))
        layers.append({"type": "dense", "units": draw(units), "activation": activation})
    return {"input": model_input, "layers": [*layers, OUTPUT]}


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    side = st.sampled_from(["left", "right"])
    tables = {
        "name": draw(words.filter(bool)),
        "description": draw(words),
        "data": {
            "max_length": draw(units),
            "padding": draw(side),
            "truncating": draw(side),
            "validation_fraction": draw(st.floats(0, 1, exclude_min=True, exclude_max=True)),
        },
        "text": {"num_words": draw(st.integers(4, 10**6))},
        "model": draw(models()),
        "training": {
            "learning_rate": draw(st.floats(0, 10, exclude_min=True)),
            "batch_size": draw(units),
            "epochs": draw(units),
            "seed": draw(st.integers(0, 2**63 - 1)),
        },
    }
    return Recipe.model_validate(tables)


@settings(deadline=None)
@given(recipes())
def test_any_recipe_survives_toml(recipe: Recipe) -> None:
    assert parse_recipe(recipe.to_toml(), "a test") == recipe


def test_a_recipe_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_recipe("bai3").training.epochs = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (["training.class_weight.neg=5"], {"neg": 5}),
        (["training.class_weight.neg=5", "training.class_weight.pos=0.5"], {"neg": 5, "pos": 0.5}),
        (["training.class_weight={neg=2}", "training.class_weight.pos=3"], {"neg": 2, "pos": 3}),
        (["training.class_weight=balanced", "training.class_weight.neg=5"], {"neg": 5}),
        (["training.class_weight.rất tệ=5"], {"rất tệ": 5}),
        (['training.class_weight."rất tệ"=5'], {"rất tệ": 5}),
        (["training.class_weight.v1.0=5"], {"v1.0": 5}),
        (["training.class_weight.a=b=5"], {"a=b": 5}),
        ({"training.class_weight.neg": 5}, {"neg": 5}),
    ],
)
def test_a_weight_for_one_class(settings: Any, expected: dict[str, float]) -> None:
    recipe = load_recipe("bai3").with_settings(settings)
    assert recipe.training.class_weight == expected
    assert parse_recipe(recipe.to_toml(), "written") == recipe


@pytest.mark.parametrize("setting", ["training.class_weight.neg=much", "training.class_weight.=1"])
def test_invalid_class_weights_are_refused(setting: str) -> None:
    with pytest.raises(RecipeError, match=r"training\.class_weight"):
        load_recipe("bai3").with_settings([setting])


def test_settings_change_a_copy() -> None:
    recipe = load_recipe("bai3")
    changed = recipe.with_settings(
        [
            "training.epochs=5",
            "training.learning_rate = 1e-3",
            "data.padding=right",
            'name="mine"',
            "model.layers.2.bidirectional=true",
            "model.layers.0.rows=5000",
        ]
    )
    assert (changed.training.epochs, changed.training.learning_rate) == (5, 1e-3)
    assert (changed.data.padding, changed.name) == ("right", "mine")
    assert changed.model.layers[2].bidirectional is True  # type: ignore[union-attr]
    assert changed.model.layers[0].rows == 5000  # type: ignore[union-attr]
    assert recipe == load_recipe("bai3")
    assert recipe.with_settings([]) == recipe


WRONG_SETTINGS = [
    # what was typed, what the error must name: key, value, what is allowed, the nearest key
    ("training.epochs=0", ["training.epochs = 0", "greater than or equal to 1"]),
    ("training.epochs=abc", ["training.epochs = 'abc'", "valid integer"]),
    ("training.epochs=2.5", ["training.epochs = 2.5", "valid integer"]),
    ("training.epochs=true", ["training.epochs = true", "valid integer"]),
    ("training.epoch=3", ["'epoch'", "[training]", "did you mean 'epochs'?", "batch_size"]),
    ("training.seed=-1", ["training.seed = -1", "greater than or equal to 0"]),
    ("training.learning_rate=0", ["training.learning_rate = 0", "greater than 0"]),
    ("training.learning_rate=nan", ["training.learning_rate = nan", "finite"]),
    ("training.optimizer=sdg", ["training.optimizer", "'sdg'", "did you mean 'sgd'?", "adamw"]),
    ("trainin.epochs=3", ["'trainin'", "did you mean 'training'?", "data, text, model"]),
    ("training=3", ["training = 3", "table"]),
    ("training.epochs.x=3", ["training.epochs", "is not a table"]),
    ("training.epochs.x.y=3", ["training.epochs.x.y", "a value has no keys"]),
    ("data.padding=up", ["data.padding = 'up'", "'left' or 'right'"]),
    ("data.validation_fraction=1", ["data.validation_fraction = 1", "less than 1"]),
    ("text.num_words=3", ["num_words = 3", "expected 4 or more"]),
    ("name=", ["name = ''", "at least 1 character"]),
    ("nam=x", ["unknown key 'nam'", "did you mean 'name'?", "description"]),
    ("model=3", ["model = 3", "table"]),
    ("model.layers=3", ["model.layers = 3", "list"]),
    ("model.layers=[]", ["model.layers = []", "at least 1"]),
    ("model.layers=[7]", ["model.layers.0 = 7", "table"]),
    ("model.layers=[{units=3}]", ["model.layers.0", "type is missing", "lstm"]),
    ("model.layers.9.rate=1", ["'9'", "0, 1, 2, 3, 4"]),
    ("model.layers.-1.rate=1", ["'-1'", "0, 1, 2, 3, 4"]),
    ("model.layers.².rate=1", ["'²'", "0, 1, 2, 3, 4"]),
    ("model.layers.1=3", ["model.layers", "is not a table"]),
    ("model.layers.0.rows=0", ["rows = 0", "'vocabulary' or greater than or equal to 1"]),
    ("model.layers.0.rows=all", ["rows = 'all'", "'vocabulary' or a valid integer"]),
    ("model.layers.1.rate=1", ["model.layers.1.rate = 1", "less than 1"]),
    ("model.layers.2.unit=3", ["'unit'", "[model.layers.2]", "did you mean 'units'?"]),
    ("model.layers.2.type=lst", ["model.layers.2.type = 'lst'", "did you mean 'lstm'?", "gru"]),
    ("model.layers.2.activation=rulu", ["model.layers.2", "'rulu'", "did you mean 'relu'?"]),
    ("model.layers.2.kernel_l2=inf", ["model.layers.2.kernel_l2 = inf", "finite"]),
    ("model.layers.2.return_sequences=true", ["layers.4 (dense)", "pooling"]),
    ("model.input=values", ["layers.0 (embedding)", "model.input = 'indices'"]),
    ("model.layers.4.units=2", ['units = "classes"']),
    ("model.layers.4.activation=relu", ['activation = "softmax" or activation = "sigmoid"']),
    (
        "model.layers.4.activation=softmax",
        [
            'training.loss = "binary_crossentropy" does not fit '
            'model.layers.4.activation = "softmax"',
            'set training.loss = "categorical_crossentropy", or activation = "sigmoid"',
        ],
    ),
    (
        "training.loss=categorical_crossentropy",
        [
            'training.loss = "categorical_crossentropy" does not fit '
            'model.layers.4.activation = "sigmoid"',
            'set training.loss = "binary_crossentropy", or activation = "softmax"',
        ],
    ),
    ("training.loss=mse", ["training.loss = 'mse'", "categorical_crossentropy"]),
    ("training.epochs", ["expected KEY=VALUE"]),
    ("=3", ["expected KEY=VALUE"]),
    ('training.epochs="""a\nb"""', ["training.epochs", "valid integer"]),
    ("trai\nning.epochs=1", ["did you mean 'training'?"]),
    ('data.max_length=3\nname="x"', ["data.max_length", "valid integer"]),
]


@pytest.mark.parametrize(("setting", "named"), WRONG_SETTINGS)
def test_wrong_setting_is_explained_in_one_line(setting: str, named: list[str]) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe("bai3").with_settings([setting])
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert message.startswith("--set ")
    for part in named:
        assert part in message


def test_a_long_wrong_value_is_cut() -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe("bai3").with_settings(["training.epochs=" + "[" * 5000])
    assert "training.epochs = '" + "[" * 59 + "…:" in str(caught.value)


WRONG_FILES = [
    ("", ["the key name is missing"]),
    ('name = "x"', ["the key model is missing"]),
    ("name = 1\n[model]\nlayers = []", ["name = 1", "string"]),
    ("name", ["not valid TOML"]),
    ("x = " + "9" * 5000, ["not valid TOML"]),
    ("x = " + "[" * 100_000, ["not valid TOML"]),
    ('name = "x"\n[model]\nlayers = [{type = "dense"}]', ["layers.0 (dense) expects a vector"]),
]


@pytest.mark.parametrize(("toml", "named"), WRONG_FILES)
def test_wrong_file_is_explained_in_one_line(toml: str, named: list[str], tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(toml, encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    for part in [str(path), *named]:
        assert part in message


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_hidden_sigmoid_or_softmax_is_refused(activation: str) -> None:
    recurrent, output = LAYERS["bai1"]
    hidden = {"type": "dense", "units": 3, "activation": activation}
    toml = tomli_w.dumps(
        {"name": "x", "model": {"input": "values", "layers": [recurrent, hidden, output]}}
    )
    with pytest.raises(
        RecipeError, match=rf"layers\.1 \(dense\): only the last layer may be a {activation}"
    ):
        parse_recipe(toml, "a test")


def test_recipe_is_read_from_a_path_or_its_text(tmp_path: Path) -> None:
    recipe = load_recipe("bai5").with_settings(["description=hồi quy"])
    path = tmp_path / "mine.toml"
    path.write_text(recipe.to_toml(), encoding="utf-8")
    assert load_recipe(path) == load_recipe(str(path)) == recipe


def test_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "notepad.toml"
    path.write_bytes(b"\xef\xbb\xbf" + load_recipe("bai1").to_toml().encode())
    assert load_recipe(path) == load_recipe("bai1")


def test_unreadable_recipes_are_named(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b'name = "h\xf4i"')
    for path, reason in [
        (tmp_path / "none.toml", "No such file"),
        (tmp_path, "directory"),
        (latin, "UTF-8"),
    ]:
        with pytest.raises(RecipeError) as caught:
            load_recipe(path)
        assert str(path) in str(caught.value)
        assert reason in str(caught.value)


def test_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe("bai33")
    message = str(caught.value)
    assert "unknown recipe 'bai33'" in message
    assert "did you mean 'bai3'?" in message
    assert "bai5-quick" in message
    assert "FILE.toml" in message
