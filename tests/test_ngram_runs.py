"""N-grams from the recipe to the run folder and back, and what other engines and formats say."""

from pathlib import Path

import numpy as np
import pytest

import hoiquy
from hoiquy.errors import InputError, RecipeError, RunError
from hoiquy.interop.export import export_run
from hoiquy.interop.keras_limits import check_keras_trains
from hoiquy.layers import NgramEmbedding
from hoiquy.predictor import load_predictor
from hoiquy.recipe import load_recipe
from hoiquy.runs import Run
from hoiquy.sealed_files import write_sealed
from miniatures import miniature, random_dataset


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    recipe = miniature("strong", "text.ngram_min_count=2", "model.wide=false")
    return hoiquy.train(random_dataset(), recipe, tmp_path_factory.mktemp("runs") / "strong")


def test_a_run_reads_as_it_was_trained(run: Run) -> None:
    predictor = load_predictor(run.folder)
    embedding = predictor.model.layers[0]
    assert isinstance(embedding, NgramEmbedding)
    lines = (run.folder / "ngrams.txt").read_text(encoding="utf-8").splitlines()
    assert len(embedding.parameters["ngrams"]) == len(lines) > 0
    scores, _ = predictor.score(random_dataset())
    np.testing.assert_array_equal(scores.probabilities, run.predictions().probabilities)


def test_only_ngrams_that_were_read_have_learnt_something(run: Run) -> None:
    rows = run.weights()["embedding/ngrams"]
    assert rows.any(axis=1).sum() > len(rows) / 2


@pytest.mark.parametrize("content", [b"", b"of nothing\n"])
def test_ngrams_that_do_not_fit_are_refused(run: Run, tmp_path: Path, content: bytes) -> None:
    for path in run.folder.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    write_sealed(tmp_path, {"ngrams.txt": content})
    with pytest.raises(RunError, match="damaged"):
        load_predictor(tmp_path)


def test_keras_files_without_ngrams_say_so(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("keras")
    with pytest.raises(InputError, match=r"or train with --set text\.ngrams=1 for Keras"):
        export_run(run, "keras", tmp_path / "model.keras")
    assert not list(tmp_path.iterdir())


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
def test_keras_does_not_leave_out_what_it_cannot_do(setting: str, way: str) -> None:
    plain = [
        "training.adversarial_epsilon=0.0", "model.layers.0.word_dropout=0.0", "text.ngrams=1",
        "model.wide=false",
    ]  # fmt: skip
    with pytest.raises(InputError, match=f"only hoiquy's own engine does this; train {way}, or"):
        check_keras_trains(miniature("strong", *plain, setting))
    check_keras_trains(miniature("strong", *plain))


@pytest.mark.parametrize("recipe", ["auto", "fast"])
def test_keras_names_every_setting_before_a_run_begins(recipe: str, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    rows = [f"word{at} word{at % 3},{'ab'[at % 2]}" for at in range(40)]
    table.write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    refused = r"train with --set text\.ngrams=1 --set model\.wide=false.*, or without"
    with pytest.raises(InputError, match=refused):
        hoiquy.train(table, recipe, tmp_path / "run", engine="keras")
    assert not (tmp_path / "run").exists() or not list((tmp_path / "run").iterdir())


def test_numbers_have_no_ngrams() -> None:
    with pytest.raises(RecipeError, match=r"text\.ngrams: more than 1 needs an embedding"):
        load_recipe("bai1").with_settings(["text.ngrams=2"])


def test_a_vocabulary_that_ngrams_cannot_count_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"text\.num_words: .*at most 2,097,152"):
        load_recipe("strong").with_settings(["text.num_words=3000000"])
