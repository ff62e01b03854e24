"""What Keras cannot do is named at once, with every setting to change, before a run begins."""

from pathlib import Path

import pytest

import hoiquy
from hoiquy.errors import InputError
from hoiquy.interop.keras.limits import check_keras_has_layers, check_keras_trains
from miniatures import miniature

PLAIN = (
    "training.adversarial_epsilon=0.0", "model.layers.0.word_dropout=0.0", "text.ngrams=1",
    "model.wide=false",
)  # fmt: skip


@pytest.mark.parametrize(
    ("setting", "way"),
    [
        ("training.adversarial_epsilon=0.1", "with --set training.adversarial_epsilon=0"),
        ("model.layers.0.word_dropout=0.1", "with --set model.layers.0.word_dropout=0"),
        ("training.max_steps=3", "without training.max_steps"),
        ("text.ngrams=2", "with --set text.ngrams=1"),
        ("model.wide=true", "with --set model.wide=false"),
    ],
)
def test_a_training_names_the_setting_to_change(setting: str, way: str) -> None:
    with pytest.raises(InputError, match=f"only hoiquy's own engine does this; train {way}, or"):
        check_keras_trains(miniature("strong", *PLAIN, setting))
    check_keras_trains(miniature("strong", *PLAIN))


def test_what_matters_in_training_only_does_not_keep_a_network_from_keras() -> None:
    check_keras_has_layers(miniature("strong", *PLAIN, "model.layers.0.word_dropout=0.1"))
    with pytest.raises(InputError, match=r"--set text\.ngrams=1 --set model\.wide=false for Keras"):
        check_keras_has_layers(miniature("strong", "text.ngrams=2", "model.wide=true"))


@pytest.mark.parametrize("recipe", ["auto", "fast"])
def test_a_refused_training_leaves_no_folder(recipe: str, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    rows = [f"word{at} word{at % 3},{'ab'[at % 2]}" for at in range(40)]
    table.write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    refused = r"train with --set text\.ngrams=1 --set model\.wide=false.*, or without"
    with pytest.raises(InputError, match=refused):
        hoiquy.train(table, recipe, tmp_path / "run", engine="keras")
    assert not (tmp_path / "run").exists()
