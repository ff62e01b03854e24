"""A classifier begins with exactly the language model's weights, or not at all."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pretraining_models import sentences, small_recipe

from hoiquy.comparison.collection import run_folders
from hoiquy.data.dataset import Dataset, Documents
from hoiquy.errors import HoiquyError, InputError, RecipeError, RunError
from hoiquy.events import Event, StepFinished
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.checkpoint import checkpoint_numbers
from hoiquy.runs.files import REPEATABLE
from hoiquy.runs.folder import load_run
from hoiquy.server.run_discovery import find_runs
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.state import TrainingState
from hoiquy.workflows.pretraining.folder import TrainedLanguageModel
from hoiquy.workflows.pretraining.initialise import LanguageModelStart
from hoiquy.workflows.pretraining.pretrain import pretrain
from hoiquy.workflows.train import resume, train
from hoiquy.workflows.verify import retrain


def labelled() -> Dataset:
    """Texts with fewer words than the language model knows, in another order."""
    texts = [f"tron {text.replace('xanh', 'moi')}" for text in sentences(80, seed=2)]
    labels = (np.arange(80) % 2).astype(np.int32)
    test = Documents(texts[:10], labels[:10])
    return Dataset("invented", ("neg", "pos"), Documents(texts, labels), test, "invented", False)


@pytest.fixture(scope="module")
def lm(tmp_path_factory: pytest.TempPathFactory) -> TrainedLanguageModel:
    recipe = small_recipe("pretraining.epochs=1")
    return pretrain([sentences()], recipe, tmp_path_factory.mktemp("lm") / "lm")


def begun(start: LanguageModelStart, recipe: Recipe) -> dict[str, np.ndarray[Any, Any]]:
    prepared = prepare(recipe, labelled(), vocabulary=start.vocabulary)
    state = TrainingState.initial(recipe, prepared)
    start.put_into(recipe, state.model)
    return state.model.parameters


def test_it_begins_with_exactly_those_weights(lm: TrainedLanguageModel) -> None:
    start, weights = LanguageModelStart.load(lm.folder), lm.weights()
    parameters = begun(start, small_recipe())
    assert start.vocabulary.words == lm.vocabulary().words
    taken = {"embedding/embeddings": parameters["embedding/embeddings"]}
    for direction in ("forward", "backward"):
        for key in ("kernel", "recurrent_kernel", "bias"):
            taken[f"{direction}/1/{key}"] = parameters[f"bidirectional/{direction}/{key}"]
    for name, array in taken.items():
        np.testing.assert_array_equal(array, weights[name])
        assert array.any()
    assert len(parameters) == len(taken) + 2
    fresh = prepare(small_recipe(), labelled(), vocabulary=start.vocabulary)
    others = TrainingState.initial(small_recipe(), fresh).model.parameters
    for name in ("dense/kernel", "dense/bias"):
        np.testing.assert_array_equal(parameters[name], others[name])


def test_one_direction_begins_so_too(tmp_path: Path) -> None:
    recipe = small_recipe("model.layers.2.bidirectional=false", "pretraining.epochs=1", cell="gru")
    weights = pretrain([sentences()], recipe, tmp_path / "lm").weights()
    parameters = begun(LanguageModelStart.load(tmp_path / "lm"), recipe)
    for key in ("kernel", "recurrent_kernel", "bias"):
        np.testing.assert_array_equal(parameters[f"gru/{key}"], weights[f"forward/1/{key}"])


def test_ngrams_are_learnt_from_the_labelled_texts(
    lm: TrainedLanguageModel, tmp_path: Path
) -> None:
    """The language model knows none: their rows begin as zeros, beside the words that it gives."""
    recipe = small_recipe("text.ngrams=2", "text.ngram_min_count=1", "model.wide=true")
    parameters = begun(LanguageModelStart.load(lm.folder), recipe)
    np.testing.assert_array_equal(
        parameters["embedding/embeddings"], lm.weights()["embedding/embeddings"]
    )
    assert len(parameters["embedding/ngrams"]) > 0 and not parameters["embedding/ngrams"].any()
    run = train(labelled(), recipe, tmp_path / "run", language_model=lm.folder)
    assert (run.folder / "ngrams.txt").read_bytes().count(b"\n") == len(
        parameters["embedding/ngrams"]
    )


@pytest.mark.parametrize(
    ("settings", "cell", "problem"),
    [
        (["text.num_words=20"], "lstm", "text.num_words is 20, .* has 14: set text.num_words=14"),
        (['text.tokenizer="unicode"'], "lstm", "text.tokenizer is 'unicode'.*text.tokenizer=keras"),
        (["model.layers.0.units=7"], "lstm", r"layers\.0\.units \(embedding\) is 7,.* has 6"),
        (["model.layers.2.units=4"], "lstm", r"layers\.2\.units \(lstm\) is 4,.*2\.units=5"),
        (["model.layers.2.bidirectional=false"], "lstm", "set model.layers.2.bidirectional=true"),
        ([], "gru", r"layers\.2\.type \(gru\) is gru, but .* has lstm"),
    ],
)
def test_misfits_are_refused_before_anything_is_read(
    settings: list[str], cell: str, problem: str, lm: TrainedLanguageModel, tmp_path: Path
) -> None:
    with pytest.raises(RecipeError, match=problem):
        train(
            "nowhere", small_recipe(*settings, cell=cell), tmp_path / "run",
            language_model=lm.folder,
        )  # fmt: skip
    assert not (tmp_path / "run").exists()


def test_what_is_no_language_model_is_refused(lm: TrainedLanguageModel, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no language model"):
        train(labelled(), "auto", tmp_path / "run", language_model=tmp_path / "none")
    (tmp_path / "recipe.toml").write_text("")
    with pytest.raises(RunError, match="is not a language model"):
        train(labelled(), "auto", tmp_path / "run", language_model=tmp_path)
    with pytest.raises(InputError, match="own engine"):
        train(labelled(), "auto", tmp_path / "run", engine="keras", language_model=lm.folder)


class Stopped(BaseException):
    """Stands for a process that ends: nothing in hoiquy catches it."""


def stop_at(step: int) -> Any:
    def listen(event: Event) -> None:
        if isinstance(event, StepFinished) and (event.epoch - 1) * 2 + event.step == step:
            raise Stopped

    return listen


def test_a_run_notes_its_beginning_and_goes_on_from_it(
    lm: TrainedLanguageModel, tmp_path: Path
) -> None:
    """Without a checkpoint the language model is needed again; with one it is not."""
    place = tmp_path / "lm"
    shutil.copytree(lm.folder, place)
    run = train(labelled(), "auto", tmp_path / "whole", language_model=place)
    assert run.recipe == lm.recipe  # that of the language model, as none was named
    noted = run.environment()["language_model"]
    assert noted == {"folder": str(place), "weights_sha256": lm.weights_sha256()}
    assert (run.folder / "vocabulary.txt").read_bytes() == (place / "vocabulary.txt").read_bytes()
    plain = train(labelled(), run.recipe, tmp_path / "plain")
    assert plain.weights().keys() == run.weights().keys()
    assert "language_model" not in plain.environment()

    for name, step, seconds in (("early", 1, 0.0), ("late", 3, 0.0)):
        with pytest.raises(Stopped):
            train(
                labelled(), run.recipe, tmp_path / name, language_model=place,
                on_event=stop_at(step), checkpoint_seconds=seconds,
            )  # fmt: skip
    assert not checkpoint_numbers(tmp_path / "early") and checkpoint_numbers(tmp_path / "late")
    place.rename(tmp_path / "moved")
    with pytest.raises(RunError, match=r"there is no language model .*; put it back"):
        resume(tmp_path / "early", data=labelled())
    assert same(resume(tmp_path / "late", data=labelled()).folder, run.folder)
    (tmp_path / "moved").rename(place)
    assert same(resume(tmp_path / "early", data=labelled()).folder, run.folder)


def same(one: Path, other: Path) -> bool:
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in REPEATABLE)


def test_training_again_begins_with_the_same_language_model_or_none(
    lm: TrainedLanguageModel, tmp_path: Path
) -> None:
    table, place = tmp_path / "reviews.jsonl", tmp_path / "lm"
    rows = zip(labelled().train.texts, labelled().train.labels.tolist(), strict=True)
    table.write_text("".join(json.dumps({"text": t, "label": n}) + "\n" for t, n in rows))
    shutil.copytree(lm.folder, place)
    run = train(table, "auto", tmp_path / "run", language_model=place)
    assert retrain(run.folder) == []
    shutil.rmtree(place)
    pretrain([sentences(seed=3)], lm.recipe, place)
    with pytest.raises(RunError, match="changed since: sha256"):
        retrain(run.folder)


def test_other_commands_refuse_it_and_pass_it_over(
    lm: TrainedLanguageModel, tmp_path: Path
) -> None:
    with pytest.raises(HoiquyError, match="is a language model, not a run"):
        load_run(lm.folder)
    with pytest.raises(RunError, match="is a language model, not a run"):
        run_folders(lm.folder)
    shutil.copytree(lm.folder, tmp_path / "runs" / "lm")
    (tmp_path / "runs" / "mine").mkdir()
    (tmp_path / "runs" / "mine" / "recipe.toml").write_text("")
    assert run_folders(tmp_path / "runs") == [tmp_path / "runs" / "mine"]
    assert list(find_runs(tmp_path / "runs")) == ["mine"]
    with pytest.raises(RunError, match=r"is not empty: choose another --out$"):
        train(labelled(), "auto", tmp_path / "runs" / "lm")
