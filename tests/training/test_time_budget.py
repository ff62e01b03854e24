"""A training that stops in time, and gives the same bits when trained again without a limit."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from hoiquy import load_run
from hoiquy.data import load_dataset
from hoiquy.data.source import DataSource
from hoiquy.errors import InputError, RecipeError
from hoiquy.events import Event, Planned, StepFinished
from hoiquy.recipe import auto as auto_recipe
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.runs.new_folder import create_run_folder
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.time_budget import TimeBudget, fitting_recipe
from hoiquy.workflows.experiment import Experiment
from hoiquy.workflows.recipe_choice import RecipeChoice
from hoiquy.workflows.train import resume, train
from hoiquy.workflows.verify import retrain, verify
from small_reviews import SMALL, write_reviews


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("budget")
    write_reviews(folder / "aclImdb", each=40)
    (folder / "small.toml").write_text(SMALL)
    return folder


@dataclass
class Clock(TimeBudget):
    """A budget that is used up when so many steps are done, which its listener counts."""

    steps: int = 0

    def left(self) -> float:
        return float(self.steps)

    def __call__(self, event: Event) -> None:
        if isinstance(event, StepFinished):
            self.steps -= 1


def recipe_of(place: Path) -> Recipe:
    return load_recipe(place / "small.toml").with_settings(["training.epochs=5"])


def train_for(place: Path, out: Path, steps: int) -> Path:
    """Train until a clock has ticked so often."""
    dataset = load_dataset(place / "aclImdb")
    create_run_folder(out)
    clock = Clock(1.0, steps=steps)
    source = DataSource(str(place / "aclImdb"))
    experiment = Experiment(recipe_of(place), dataset, source, budget=clock)
    experiment.run(out, experiment.prepare(), clock)
    return out


@pytest.mark.parametrize("steps", [1, 4, 7])
def test_a_run_that_was_out_of_time_says_when_and_is_trained_again_to_the_bit(
    place: Path, tmp_path: Path, steps: int
) -> None:
    out = train_for(place, tmp_path / "run", steps)
    run = load_run(out)
    assert run.recipe.training.max_steps == steps
    assert run.result.status == "complete"
    assert retrain(out) == []
    assert verify(out)[1] == []


def test_a_run_in_time_has_no_last_step(place: Path, tmp_path: Path) -> None:
    out = train_for(place, tmp_path / "run", 10_000)
    assert load_run(out).recipe == recipe_of(place)
    assert len(load_run(out).history) == 5


def test_killed_when_time_was_up_it_goes_on_to_the_same_end(place: Path, tmp_path: Path) -> None:
    whole = train_for(place, tmp_path / "whole", 4)
    out = tmp_path / "run"
    dataset = load_dataset(place / "aclImdb")
    create_run_folder(out)
    clock = Clock(1.0, steps=4)
    source = DataSource(str(place / "aclImdb"))
    experiment = Experiment(recipe_of(place), dataset, source, budget=clock, checkpoint_seconds=0)

    class Killed(BaseException):
        pass

    def kill(event: Event) -> None:
        clock(event)
        if clock.steps < 0 or (type(event).__name__ == "EpochFinished" and clock.steps <= 0):
            raise Killed

    with pytest.raises(Killed):
        experiment.run(out, experiment.prepare(), kill)
    resume(out)
    for name in ("weights.safetensors", "history.jsonl", "recipe.toml", "predictions.parquet"):
        assert (out / name).read_bytes() == (whole / name).read_bytes()


def test_max_steps_ends_within_an_epoch(place: Path, tmp_path: Path) -> None:
    settings = ["training.epochs=5", "training.max_steps=3"]
    run = train(place / "aclImdb", place / "small.toml", tmp_path / "run", settings=settings)
    assert run.history[-1].epoch == len(run.history) < 5


def test_a_budget_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="0 minutes: expected more than 0"):
        TimeBudget(0)


def test_keras_cannot_stop_in_time(place: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="hoiquy's own engine"):
        train(place / "aclImdb", "auto", tmp_path / "run", engine="keras", minutes=1)
    assert not (tmp_path / "run").exists()


def test_little_time_takes_a_smaller_network_and_much_time_the_whole(place: Path) -> None:
    dataset = load_dataset(place / "aclImdb")
    recipes = auto_recipe.smaller_recipes(load_recipe("auto").with_settings(["training.epochs=9"]))
    assert len(recipes) > 2
    encoded = prepare(recipes[0], dataset)
    small, _ = fitting_recipe(recipes, encoded, TimeBudget(0.5))  # writing alone takes longer
    assert small.with_settings(["training.epochs=9"]) == recipes[-1]
    assert small.training.epochs == 1
    whole, prepared = fitting_recipe(recipes, encoded, TimeBudget(10_000))
    assert whole == recipes[0]
    assert prepared.train.table == recipes[0].data


def test_a_mistake_in_the_recipe_does_not_cost_reading_the_data() -> None:
    with pytest.raises(RecipeError, match=r"training\.epoch"):
        RecipeChoice("auto", ["training.epoch=3"])


def test_a_named_recipe_leaves_time_for_scoring(place: Path) -> None:
    budget = TimeBudget(600)
    choice = RecipeChoice(recipe_of(place), (), budget)
    choice.encoded(load_dataset(place / "aclImdb"))
    assert budget.scoring_seconds > 0


def test_settings_stand_above_what_is_fitted(place: Path) -> None:
    told: list[Event] = []
    choice = RecipeChoice("auto", ["data.max_length=7", "training.epochs=2"], TimeBudget(600))
    recipe, prepared = choice.encoded(load_dataset(place / "aclImdb"), told.append)
    assert (recipe.data.max_length, recipe.training.epochs) == (7, 2)
    assert prepared.train.lengths.max() <= 7
    assert [event.recipe for event in told if isinstance(event, Planned)] == [recipe]
