"""Pretrainings that are planned by minutes, and that continue from another language model."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from pretraining_models import bits, sentences, small_recipe

from hoiquy.errors import DataError, HoiquyError, InputError, RecipeError, RunError
from hoiquy.events import Event, PretrainingPlanned, PretrainingStep
from hoiquy.runs.folder import load_recipe_of
from hoiquy.workflows.pretraining.folder import TrainedLanguageModel
from hoiquy.workflows.pretraining.pretrain import pretrain
from hoiquy.workflows.verify import verify

TEXTS = sentences()
SMALL = {"model.layers.0.units": 6, "model.layers.2.units": 5, "pretraining.piece_length": 10}
MINUTES = 60  # far more than ten passes take


@pytest.fixture(autouse=True, scope="module")
def nothing_waits_for_the_disk() -> Iterator[None]:
    with patch("os.fsync"):
        yield


class Stopped(BaseException):
    """The end of a process: nothing in hoiquy catches it."""


def stop_at(number: int) -> Any:
    seen = 0

    def listen(event: Event) -> None:
        nonlocal seen
        seen += isinstance(event, PretrainingStep)
        if isinstance(event, PretrainingStep) and seen == number:
            raise Stopped

    return listen


@pytest.fixture(scope="module")
def lm(tmp_path_factory: pytest.TempPathFactory) -> TrainedLanguageModel:
    """Of a recipe, without minutes."""
    recipe = small_recipe("pretraining.epochs=6", "pretraining.learning_rate=0.02")
    return pretrain([TEXTS], recipe, tmp_path_factory.mktemp("lm") / "lm")


def test_sizes_and_steps_are_planned_and_kept(tmp_path: Path) -> None:
    told: list[Event] = []
    model = pretrain(
        [TEXTS], out=tmp_path / "lm", minutes=MINUTES, settings={"text.num_words": 14},
        on_event=told.append,
    )  # fmt: skip
    (plan,) = [event for event in told if isinstance(event, PretrainingPlanned)]
    assert model.recipe == plan.recipe == load_recipe_of(model.folder)
    table = model.recipe.pretraining
    assert table is not None
    assert model.recipe.model.layers[2].units == 128
    assert len(model.history) == table.epochs == model.result.epochs > 1
    assert plan.words == model.result.tokens and 5 < plan.passes <= 10
    assert verify(model.folder)[1] == []
    assert pretrain("nowhere", out=model.folder, minutes=MINUTES, settings={"text.num_words": 14})


def test_an_interrupted_plan_is_resumed_not_made_again(tmp_path: Path) -> None:
    def go_on(**more: Any) -> TrainedLanguageModel:
        folder = tmp_path / "lm"
        return pretrain([TEXTS], out=folder, minutes=MINUTES, settings=SMALL, **more)

    with pytest.raises(Stopped):
        go_on(on_event=stop_at(3), checkpoint_seconds=0)
    told: list[Event] = []
    model = go_on(on_event=told.append)
    assert not [event for event in told if isinstance(event, PretrainingPlanned)]
    whole = pretrain([TEXTS], model.recipe, tmp_path / "whole")
    assert bits(model.folder) == bits(whole.folder)
    assert len(model.curve()) == len(model.history)


def test_a_recipe_keeps_its_sizes(tmp_path: Path) -> None:
    recipe = small_recipe()
    model = pretrain([TEXTS], recipe, tmp_path / "lm", minutes=MINUTES)
    assert model.recipe.model == recipe.model
    table, before = model.recipe.pretraining, recipe.pretraining
    assert table is not None and before is not None
    assert (table.batch_size, table.candidates) == (before.batch_size, before.candidates)
    assert table.steps_per_epoch is not None and table.epochs > 1


def test_another_request_does_not_go_on(lm: TrainedLanguageModel, tmp_path: Path) -> None:
    folder = tmp_path / "lm"
    with pytest.raises(Stopped):
        pretrain([TEXTS], out=folder, minutes=MINUTES, settings=SMALL, on_event=stop_at(1))
    for minutes in (None, 2 * MINUTES):
        with pytest.raises(RunError, match=rf"another --minutes \({MINUTES} → {minutes}\)"):
            pretrain([TEXTS], out=folder, minutes=minutes, settings=SMALL)
    with pytest.raises(RunError, match="of another recipe"):
        pretrain([TEXTS], out=folder, minutes=MINUTES)
    with pytest.raises(RunError, match="another --from"):
        pretrain([TEXTS], out=folder, minutes=MINUTES, settings=SMALL, language_model=lm.folder)


@pytest.mark.parametrize("minutes", [0, -1.0, float("nan"), float("inf"), "5", True])
def test_minutes_that_cannot_be(minutes: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"minutes is .*, expected a number above 0"):
        pretrain([TEXTS], out=tmp_path / "lm", minutes=minutes)
    assert not (tmp_path / "lm").exists()


def test_what_contradicts_the_minutes(tmp_path: Path) -> None:
    for key in ("pretraining.epochs", "pretraining.steps_per_epoch"):
        with pytest.raises(InputError, match=f"{key} is planned by the minutes"):
            pretrain([TEXTS], out=tmp_path / "lm", minutes=1, settings={key: 3})
    with pytest.raises(InputError, match="the minutes are too few"):
        pretrain([TEXTS], out=tmp_path / "lm", minutes=1e-6, settings=SMALL)
    with pytest.raises(InputError, match="needs a folder"):
        pretrain([TEXTS], small_recipe())
    assert not (tmp_path / "lm").exists()


def test_it_goes_on_where_the_other_ended(lm: TrainedLanguageModel, tmp_path: Path) -> None:
    """With steps that change nothing, the perplexity of the same texts is the same."""
    still = {"pretraining.learning_rate": 1e-12}
    model = pretrain([TEXTS], out=tmp_path / "lm", language_model=lm.folder, settings=still)
    assert model.result.perplexity == pytest.approx(lm.result.perplexity, rel=1e-5)
    assert lm.history[0].perplexity > 1.02 * lm.history[-1].perplexity
    assert model.vocabulary().words == lm.vocabulary().words
    table = model.recipe.pretraining
    assert table is not None and (table.epochs, table.warm_up_steps) == (1, 50)
    facts = model.environment()["language_model"]
    assert facts == {"folder": str(lm.folder), "weights_sha256": lm.weights_sha256()}
    assert verify(model.folder)[1] == []


def test_more_texts_of_the_same_kind_make_it_better(
    lm: TrainedLanguageModel, tmp_path: Path
) -> None:
    more = sentences(400, seed=7)
    model = pretrain(
        [more], out=tmp_path / "more", language_model=lm.folder, minutes=MINUTES,
        settings={"pretraining.held_out_documents": 40},
    )  # fmt: skip
    still = {"pretraining.learning_rate": 1e-12, "pretraining.held_out_documents": 40}
    before = pretrain([more], out=tmp_path / "still", language_model=lm.folder, settings=still)
    assert model.result.perplexity is not None and before.result.perplexity is not None
    assert model.result.perplexity < before.result.perplexity
    assert model.recipe.model == lm.recipe.model


def test_going_on_is_resumed_with_the_same_bits(lm: TrainedLanguageModel, tmp_path: Path) -> None:
    source, folder = tmp_path / "source", tmp_path / "lm"
    shutil.copytree(lm.folder, source)
    more = [sentences(seed=3)]
    whole = pretrain(more, out=tmp_path / "whole", language_model=source)
    with pytest.raises(Stopped):  # before the first checkpoint
        pretrain(more, out=folder, language_model=source, on_event=stop_at(1))
    with pytest.raises(Stopped):
        pretrain(more, out=folder, language_model=source, on_event=stop_at(3), checkpoint_seconds=0)
    shutil.rmtree(source)  # it has a checkpoint
    model = pretrain(more, out=folder, language_model=source)
    assert bits(folder) == bits(whole.folder)
    assert model.cost().resumed == 1


def test_what_does_not_fit_is_refused(lm: TrainedLanguageModel, tmp_path: Path) -> None:
    stopped = tmp_path / "stopped"
    with pytest.raises(Stopped):
        pretrain([TEXTS], small_recipe(), stopped, on_event=stop_at(3), checkpoint_seconds=0)
    cases: list[tuple[Any, Any, Path | None, type[HoiquyError], str]] = [
        (TEXTS, None, tmp_path / "none", RunError, "there is no language model"),
        (TEXTS, None, stopped, RunError, "is not complete; resume with"),
        (TEXTS, small_recipe("model.layers.2.units=7"), lm.folder, RecipeError, "units=5"),
        (TEXTS, small_recipe("text.num_words=20"), lm.folder, RecipeError, "text.num_words=14"),
        (["không từ nào"] * 20, None, lm.folder, DataError, "has none of the words"),
        (["từ này", "khác hẳn"], small_recipe(), None, DataError, "too few words"),
    ]
    for texts, recipe, source, error, line in cases:
        with pytest.raises(error, match=line):
            pretrain([texts], recipe, tmp_path / "lm", language_model=source)
        assert not (tmp_path / "lm").exists()


def test_damaged_facts_are_one_line(tmp_path: Path) -> None:
    from hoiquy.system.checksummed_files import write_checksummed

    folder = tmp_path / "lm"
    with pytest.raises(Stopped):
        pretrain([TEXTS], small_recipe(), folder, on_event=stop_at(1))
    environment = json.loads((folder / "environment.json").read_bytes())
    for value in (None, "text", {"minutes": []}):
        environment["request"] = value
        write_checksummed(folder, {"environment.json": json.dumps(environment).encode()})
        with pytest.raises(RunError, match="another recipe"):
            pretrain([TEXTS], small_recipe(), folder)
