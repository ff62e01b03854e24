"""Documents of some classes count for more in training, and in nothing else."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from command_line import call_hoiquy, only_line_of_error
from hoiquy.data.dataset import Dataset
from hoiquy.errors import RecipeError
from hoiquy.nn.losses import binary_crossentropy
from hoiquy.recipe.recipe import parse_recipe
from hoiquy.training.class_weights import class_weights
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.loop import fit
from hoiquy.training.model_building import build_model
from hoiquy.workflows.train import train
from miniatures import WORDS, dataset, miniature, random_dataset
from own_tables import VIETNAMESE, rows, write_csv

PLAIN = ("model.layers.1.rate=0", "model.layers.2.dropout=0", "model.layers.3.rate=0")


def unbalanced(rare: int = 12, frequent: int = 108) -> Dataset:
    """Random words, of which hardly any tell the classes apart."""
    rng = np.random.default_rng(5)
    labels = rng.permutation([1] * rare + [0] * frequent)
    texts = [" ".join(rng.choice(WORDS[10:], 6)) + (" ba" if label else " do") for label in labels]
    return dataset(texts, labels.tolist(), test=40)


def test_none_is_what_recipes_without_the_key_have() -> None:
    recipe = miniature("bai3")
    assert recipe.training.class_weight == "none"
    said = recipe.with_settings(["training.class_weight=none"])
    assert said == recipe
    data = prepare(recipe, unbalanced())
    assert class_weights(recipe, data) is None
    ones = recipe.with_settings(["training.class_weight={neg=1, pos=1}"])
    for name, array in fit(recipe, data).parameters.items():
        assert array.tobytes() == fit(ones, data).parameters[name].tobytes()


@pytest.mark.parametrize("value", ["balanced", '{neg=0.5, "pos"=3}'])
def test_it_is_written_and_read_back(value: str) -> None:
    recipe = miniature("bai3", f"training.class_weight={value}")
    assert parse_recipe(recipe.to_toml(), "written") == recipe


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("equal", "training.class_weight: 'equal': expected 'none', 'balanced' or a table"),
        ("3", "training.class_weight: 3: expected 'none', 'balanced' or a table"),
        ("{neg=-1}", "training.class_weight: -1 for the class 'neg': expected a number, 0 or more"),
        ("{neg='1'}", "training.class_weight: '1' for the class 'neg': expected a number"),
        ("{neg=nan}", "training.class_weight: nan for the class 'neg': expected a number"),
        ("{neg=true}", "training.class_weight: True for the class 'neg': expected a number"),
    ],
)
def test_what_no_weights_are(value: str, said: str) -> None:
    with pytest.raises(RecipeError) as caught:
        miniature("bai3", f"training.class_weight={value}")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_balanced_is_the_rule_of_scikit_learn() -> None:
    recipe = miniature("bai3", "training.class_weight=balanced")
    data = prepare(recipe, unbalanced())
    labels = data.train.labels
    expected = compute_class_weight("balanced", classes=np.array([0, 1]), y=labels)
    np.testing.assert_allclose(class_weights(recipe, data), expected, rtol=1e-12)


def test_a_class_that_is_left_out_counts_one() -> None:
    recipe = miniature("bai3", "training.class_weight={pos=4}")
    np.testing.assert_array_equal(class_weights(recipe, prepare(recipe, unbalanced())), [1, 4])


def test_an_unknown_class_is_named_and_the_folder_stays_free(tmp_path: Path) -> None:
    recipe = miniature("bai3", "training.class_weight={post=4}")
    with pytest.raises(RecipeError) as caught:
        train(random_dataset(), recipe, tmp_path / "run")
    assert "no class 'post' (did you mean 'pos'?); the classes are neg, pos" in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_training_is_weighted_and_validation_is_not() -> None:
    settings = ("training.epochs=1", "training.batch_size=200", "training.class_weight={neg=3}")
    recipe = miniature("bai3", *PLAIN, *settings)
    data = prepare(recipe, unbalanced())
    untrained = build_model(
        recipe, vocabulary_size=len(data.vocabulary.words), classes=2, seed=recipe.training.seed
    )
    everything = np.arange(len(data.train))
    logits = untrained.logits(data.train.indices(everything))
    losses, _ = binary_crossentropy(logits, data.train.targets(everything))
    weighted = np.where(data.train.labels == 0, 3, 1) * losses
    fitted = fit(recipe, data)
    expected = weighted.mean() + untrained.penalty()
    assert fitted.history[0].loss == pytest.approx(expected, rel=1e-5)
    everything = np.arange(len(data.validation))
    logits = fitted.model.logits(data.validation.indices(everything))
    losses, _ = binary_crossentropy(logits, data.validation.targets(everything))
    expected = losses.mean() + fitted.model.penalty()
    assert fitted.history[0].val_loss == pytest.approx(expected, rel=1e-5)


def test_a_rare_class_is_found_more_often() -> None:
    def recall(value: str) -> float:
        recipe = miniature(
            "bai5", *PLAIN, "model.layers.2.kernel_l2=0", "model.layers.2.recurrent_l2=0",
            "training.epochs=6", "training.batch_size=32", f"training.class_weight={value}",
        )  # fmt: skip
        data = prepare(recipe, unbalanced())
        answers = fit(recipe, data).score(data.train).probabilities.argmax(axis=1)
        return float((answers[data.train.labels == 1] == 1).mean())

    assert recall("balanced") > 0.8 > 0.2 > recall("none")


def test_classes_of_a_table_on_the_command_line(tmp_path: Path) -> None:
    table, recipe = write_csv(tmp_path / "phim.csv", rows(20)), tmp_path / "recipe.toml"
    recipe.write_text(VIETNAMESE, encoding="utf-8")
    arguments = ("train", table, "--recipe", recipe, "--quiet", "--set", "training.epochs=1")
    wrong = ("--set", 'training.class_weight={"vui"=2}', "--out", tmp_path / "run")
    line = only_line_of_error(call_hoiquy(*arguments, *wrong), 2)
    assert "no class 'vui'; the classes are tiêu cực, trung tính, tích cực" in line
    right = ("--set", "training.class_weight=balanced", "--out", tmp_path / "run")
    result = call_hoiquy(*arguments, *right)
    assert result.returncode == 0, result.stderr
    assert 'class_weight = "balanced"' in (tmp_path / "run" / "recipe.toml").read_text("utf-8")
