"""N-grams from the recipe to the run folder and back, and what other engines and formats say."""

from pathlib import Path

import numpy as np
import pytest

import hoiquy
from hoiquy.errors import InputError, RecipeError, RunError
from hoiquy.interop.export import export_run
from hoiquy.interop.keras.limits import check_keras_trains
from hoiquy.nn.layers import NgramEmbedding
from hoiquy.prediction.load import load_predictor
from hoiquy.recipe.recipe import load_recipe
from hoiquy.runs.folder import Run
from hoiquy.system.checksummed_files import write_checksummed
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
    write_checksummed(tmp_path, {"ngrams.txt": content})
    with pytest.raises(RunError, match="damaged"):
        load_predictor(tmp_path)


@pytest.mark.keras
def test_keras_has_no_layer_for_ngrams(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("keras")
    with pytest.raises(InputError, match=r"text\.ngrams=1"):
        export_run(run, "keras", tmp_path / "model.keras")
    assert not list(tmp_path.iterdir())


def test_a_trained_run_is_exported_to_onnx(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    exported = export_run(run, "onnx", tmp_path / "model.onnx")
    assert exported.parity.failed is None
    assert "n-grams" in {case.inputs for case in exported.parity.cases}


@pytest.mark.parametrize(
    "setting", ["training.adversarial_epsilon=0.1", "model.layers.0.word_dropout=0.1"]
)
def test_keras_does_not_leave_out_what_it_cannot_do(setting: str) -> None:
    plain = [
        "training.adversarial_epsilon=0.0", "model.layers.0.word_dropout=0.0", "text.ngrams=1",
        "model.wide=false",
    ]  # fmt: skip
    key = setting.partition("=")[0].rpartition(".")[2]
    with pytest.raises(InputError, match=f"{key} = 0.1: only hoiquy's own engine"):
        check_keras_trains(miniature("strong", *plain, setting))
    check_keras_trains(miniature("strong", *plain))


def test_numbers_have_no_ngrams() -> None:
    with pytest.raises(RecipeError, match=r"text\.ngrams: more than 1 needs an embedding"):
        load_recipe("bai1").with_settings(["text.ngrams=2"])


def test_a_vocabulary_that_ngrams_cannot_count_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"text\.num_words: .*at most 2,097,152"):
        load_recipe("strong").with_settings(["text.num_words=3000000"])
