"""A search ends in the same trials wherever it was stopped, and never reads a test document."""

import json
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

import hoiquy
from hoiquy.errors import InputError, MissingExtraError, RunError, TrainingError
from hoiquy.events import EpochFinished, Event, Resumed, StepFinished
from hoiquy.recipe.recipe import load_recipe
from hoiquy.report.comparison_report import MARKDOWN
from hoiquy.runs.files import REPEATABLE, environment_file
from hoiquy.runs.folder import load_run
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.text.ngrams import MOST_WORDS
from hoiquy.workflows.search.results import BEST, FACTS, Found
from hoiquy.workflows.search.study import Trial
from hoiquy.workflows.verify import verify
from searches import KEY, NO_PRUNER, SPACE, data, searched, tiny, told

WHOLE_TEXTS_FIRST = 2  # a seed of the grid


class Stopped(BaseException):
    """Stands for a process that ends: nothing in hoiquy catches it."""


def trial_bits(out: Path) -> dict[str, bytes]:
    files = [path for path in out.glob("trials/*/*") if path.name in REPEATABLE]
    return {str(path.relative_to(out)): path.read_bytes() for path in files}


def stopping(ripe: Callable[[Event], bool], after: int = 1) -> Callable[[Event], None]:
    """A listener that stops the search at the so many-th event of a kind."""
    seen = 0

    def listen(event: Event) -> None:
        nonlocal seen
        seen += ripe(event)
        if seen == after:
            raise Stopped

    return listen


def epoch_ended(event: Event) -> bool:
    return isinstance(event, EpochFinished)


@pytest.fixture(autouse=True)
def no_figures(whole: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only `whole` draws its figures: they take longer than its trials."""
    monkeypatch.setattr("hoiquy.workflows.search.results.draw_search", lambda *found: None)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Found:
    return searched(tmp_path_factory.mktemp("whole") / "out")


def test_trials_are_ordinary_runs_without_a_test_score(whole: Found) -> None:
    assert [trial.number for trial in whole.trials] == [1, 2, 3, 4]
    for trial in whole.trials:
        folder = whole.folder / "trials" / f"{trial.number:04}"
        run = load_run(folder)
        assert (run.result.status, run.result.test_documents) == ("untested", 0)
        assert run.result.test_accuracy is None and not (folder / "predictions.parquet").exists()
        assert [at.val_accuracy for at in run.history] == list(trial.accuracies.values())
        assert trial.value == run.history[-1].val_accuracy  # bai3 does not restore its best epoch
        assert run.recipe.training.learning_rate == trial.parameters[KEY]
        assert verify(folder)[1] == []
        with pytest.raises(RunError, match="it is a trial of a search"):
            run.predictions()
        with pytest.raises(RunError, match="it is a trial of a search"):
            hoiquy.resume(folder)
    assert not list(whole.folder.glob("trials/*/checkpoint/*"))


def test_the_best_trial_is_a_recipe_to_train_with(whole: Found) -> None:
    assert whole.best.value == max(trial.value or 0 for trial in whole.trials)
    recipe = load_recipe(whole.folder / BEST)
    assert (
        recipe == whole.recipe == load_run(whole.folder / f"trials/{whole.best.number:04}").recipe
    )
    facts = json.loads((whole.folder / FACTS).read_text())
    assert facts["best"] == whole.best.number and len(facts["trials"]) == 4
    assert facts["better"] is None
    assert sum(whole.importances.values()) == pytest.approx(1)
    assert set(whole.importances) == set(SPACE["space"])
    for name in ("history.png", "importance.png", "parallel_coordinate.png"):
        assert (whole.folder / name).read_bytes().startswith(b"\x89PNG")


def test_the_value_is_that_of_the_weights_that_are_kept(tmp_path: Path) -> None:
    best = tiny("training.early_stopping.restore_best=true", "training.epochs=4")
    found = searched(tmp_path, recipe=best, trials=2)
    for trial in found.trials:
        run = load_run(tmp_path / f"trials/{trial.number:04}")
        assert trial.value == run.history[run.result.best_epoch - 1].val_accuracy


def test_the_seed_decides_every_bit(whole: Found, tmp_path: Path) -> None:
    again = searched(tmp_path / "again")
    assert told(again) == told(whole)
    assert trial_bits(again.folder) == trial_bits(whole.folder)
    other = {**SPACE, "sampler": {"seed": 4, "startup_trials": 2}}
    another = searched(tmp_path / "other", space=other, trials=1)
    assert another.trials[0].parameters != whole.trials[0].parameters


def test_stopped_anywhere_it_goes_on_to_the_same_trials(whole: Found, tmp_path: Path) -> None:
    """Stopped after every epoch; nothing that was done is done again."""
    epochs: list[Event] = []
    stops = 0
    while stops < 20:
        stop = stopping(epoch_ended)

        def listen(event: Event, stop: Callable[[Event], None] = stop) -> None:
            if epoch_ended(event):
                epochs.append(event)
            stop(event)

        try:
            found = searched(tmp_path, on_event=listen)
            break
        except Stopped:
            stops += 1
    assert stops == len(epochs) == 8  # four trials of two epochs, each done once
    assert told(found) == told(whole)
    assert trial_bits(tmp_path) == trial_bits(whole.folder)


def test_a_trial_cut_off_within_an_epoch_goes_on_from_its_checkpoint(
    whole: Found, tmp_path: Path
) -> None:
    def second_step_of_the_second_epoch(event: Event) -> bool:
        return isinstance(event, StepFinished) and (event.epoch, event.step) == (2, 2)

    with pytest.raises(Stopped):
        searched(tmp_path, on_event=stopping(second_step_of_the_second_epoch))
    events: list[Event] = []
    found = searched(tmp_path, on_event=events.append)
    assert [event.epoch for event in events if isinstance(event, Resumed)] == [2]
    assert told(found) == told(whole)


def test_another_machine_may_take_a_trial_up_and_its_run_says_so(tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        searched(tmp_path, trials=1, on_event=stopping(epoch_ended))
    folder = tmp_path / "trials/0001"
    environment = load_run(folder).environment()
    environment["exact"]["numpy"] = "1.0"
    write_checksummed(folder, environment_file(environment))
    assert searched(tmp_path, trials=1).best.number == 1
    changes = load_run(folder).result.changes
    assert len(changes) == 1 and changes[0].startswith("numpy 1.0 → ")


def test_a_trial_whose_checkpoints_are_lost_begins_anew_without_its_folder(
    whole: Found, tmp_path: Path
) -> None:
    with pytest.raises(Stopped):
        searched(tmp_path, on_event=stopping(epoch_ended, 3))
    folder = tmp_path / "trials/0002"
    for path in folder.glob("checkpoint/*.json"):
        path.write_text("{")
    with pytest.raises(RunError, match="no checkpoint of") as error:
        searched(tmp_path)
    assert f"delete {folder}" in str(error.value)
    shutil.rmtree(folder)
    assert told(searched(tmp_path)) == told(whole)


def test_more_trials_go_on_where_fewer_ended(whole: Found, tmp_path: Path) -> None:
    searched(tmp_path, trials=1)
    assert told(searched(tmp_path, trials=4)) == told(whole)
    events: list[Event] = []
    again = searched(tmp_path, trials=4, on_event=events.append)
    assert told(again) == told(whole) and not any(map(epoch_ended, events))


def test_what_is_another_search_is_refused(whole: Found, tmp_path: Path) -> None:
    begun = tmp_path / "out"
    searched(begun, trials=1)
    other = {**SPACE, "space": {KEY: {"low": 0.1, "high": 0.2}}}
    for what, changes in (
        ("space", {"space": other}),
        ("recipe", {"recipe": tiny("training.seed=5")}),
        ("data", {"data": data(seed=5)}),
    ):
        match = f"started with another {what}: choose another --out"
        with pytest.raises(RunError, match=match):
            searched(begun, **changes)
    database = f"sqlite:///{tmp_path / 'shared.db'}"
    searched(tmp_path / "one/out", storage=database, trials=1)
    with pytest.raises(RunError, match="the study 'out' was started with another folder"):
        searched(tmp_path / "two/out", storage=database, trials=1)


def test_a_folder_of_another_run_is_not_trained_in(tmp_path: Path) -> None:
    hoiquy.train(data(), tiny(), tmp_path / "trials/0001")
    with pytest.raises(RunError, match="0001 has another training than trial 1 of this search"):
        searched(tmp_path)


class Untouchable:
    """Test documents: reading one ends the test."""

    def _refuse(self, *arguments: Any) -> NoReturn:
        pytest.fail("a test document was read")

    __len__ = __iter__ = __getitem__ = __getattr__ = _refuse


def test_no_trial_reads_a_test_document(tmp_path: Path) -> None:
    dataset = data()
    object.__setattr__(dataset, "test", Untouchable())
    found = searched(tmp_path, data=dataset)
    assert len(found.ranked()) == 4


def test_the_best_is_compared_on_seeds_that_no_trial_had(tmp_path: Path) -> None:
    found = searched(tmp_path, trials=2, seeds=2)
    assert found.comparison is not None and found.pair is not None
    best, first = found.comparison.candidates
    assert (best.name, first.name) == (found.recipe.name, found.base.name)
    assert best.seeds == first.seeds == (2, 3) and found.base.training.seed == 1
    assert found.better == (found.pair.verdict == "first_better")
    facts = json.loads((tmp_path / FACTS).read_text())
    assert facts["better"] == found.better and facts["comparison"]["test"] == "seeds"
    assert found.recipe.name in (tmp_path / "comparison" / MARKDOWN).read_text()
    for run in (*best.runs, *first.runs):
        assert run.result.status == "complete" and run.result.test_documents == 20
    events: list[Event] = []
    again = searched(tmp_path, trials=2, seeds=2, on_event=events.append)
    assert again.pair == found.pair and not any(map(epoch_ended, events))


def test_a_pruned_trial_keeps_its_folder_and_counts(tmp_path: Path) -> None:
    """The first trial reads whole texts, the second the last word alone, which tells nothing."""
    space = {
        "sampler": {"type": "grid", "seed": WHOLE_TEXTS_FIRST},
        "pruner": {"type": "median", "warmup_epochs": 0, "startup_trials": 1},
        "space": {"data.max_length": {"choices": [7, 1]}},
    }
    heard: list[Trial] = []
    bests: list[int | None] = []

    def hear(trial: Trial, best: Trial | None) -> None:
        heard.append(trial)
        bests.append(best and best.number)

    recipe = tiny("training.epochs=3", "training.batch_size=20", f"{KEY}=0.05")
    found = searched(tmp_path, space=space, trials=9, recipe=recipe, on_trial=hear)
    assert [trial.parameters["data.max_length"] for trial in found.trials] == [7, 1]  # each once
    assert [trial.state for trial in found.trials] == ["complete", "pruned"]
    assert [trial.state for trial in heard] == ["running", "complete", "running", "pruned"]
    assert bests == [None, 1, 1, 1]
    pruned = tmp_path / "trials/0002"
    assert load_run(pruned).result.status == "interrupted"
    assert len(load_run(pruned).history) < 3
    with pytest.raises(RunError, match="is a trial of a search: resume with the same call"):
        hoiquy.resume(pruned)
    notes: list[str] = []
    with pytest.raises(RunError, match="none of these runs is complete"):
        hoiquy.compare(pruned, on_note=notes.append)
    assert notes == [f"left out, a trial that was not finished: {pruned}"]


def test_a_best_recipe_that_fails_with_a_fresh_seed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explodes(*args: object, **options: object) -> None:
        raise TrainingError("the loss is nan")

    monkeypatch.setattr("hoiquy.workflows.search.search.run_plan", explodes)
    found = searched(tmp_path, trials=2, seeds=2)
    assert (found.failed, found.comparison, found.better) == ("the loss is nan", None, None)
    assert json.loads((tmp_path / "search.json").read_bytes())["failed"] == "the loss is nan"
    assert load_recipe(tmp_path / "best.toml") == found.recipe


@pytest.mark.parametrize("pruner", ["successive_halving", "hyperband"])
def test_other_pruners_and_samplers_run(pruner: str, tmp_path: Path) -> None:
    space = {**SPACE, "sampler": {"type": "random"}, "pruner": {"type": pruner, "warmup_epochs": 0}}
    found = searched(tmp_path, space=space, recipe=tiny("training.epochs=3"), trials=3)
    assert {trial.state for trial in found.trials} <= {"complete", "pruned"}
    assert len(found.trials) == 3


def test_parameters_that_cannot_go_together_are_given_up(tmp_path: Path) -> None:
    space = {
        "sampler": {"type": "grid"},
        "pruner": NO_PRUNER,
        "space": {
            "text.ngrams": {"choices": [1, 2]},
            "text.num_words": {"choices": [60, MOST_WORDS + 1]},
        },
    }
    found = searched(tmp_path, space=space, recipe=tiny("training.epochs=1"))
    pruned = [trial for trial in found.trials if trial.state == "pruned"]
    assert [trial.parameters["text.ngrams"] for trial in pruned] == [2]
    assert "with text.ngrams expected at most" in str(pruned[0].reason)
    assert len(found.ranked()) == 3


def test_when_time_is_up_the_trial_under_way_waits(whole: Found, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"none of \d trials .*allow more --trials or --minutes"):
        searched(tmp_path, minutes=1e-9)
    searched(tmp_path, trials=1)
    found = searched(tmp_path, minutes=1e-9)
    assert len(found.trials) == 1
    assert told(searched(tmp_path)) == told(whole)


def test_two_workers_share_the_trials(tmp_path: Path) -> None:
    """Each trial is trained once, by one of them; the one that ends last compares."""
    results, events = share(tmp_path, None, trials=6)
    assert sum(map(epoch_ended, events[0])) + sum(map(epoch_ended, events[1])) == 12
    assert all(any(map(epoch_ended, own)) for own in events)
    last = max(results, key=lambda found: len(found.ranked()))
    assert [trial.state for trial in last.trials] == ["complete"] * 6
    assert (tmp_path / BEST).exists()


def share(out: Path, storage: str | None, trials: int) -> tuple[list[Found], list[list[Event]]]:
    """Search with two workers at once, which begin their first trials together."""
    results: list[Found] = []
    events: list[list[Event]] = [[], []]
    together = threading.Barrier(2, timeout=60)

    def work(own: list[Event]) -> None:
        def listen(event: Event) -> None:
            if epoch_ended(event) and not any(map(epoch_ended, own)):
                together.wait()
            own.append(event)

        results.append(searched(out, storage=storage, trials=trials, on_event=listen))

    threads = [threading.Thread(target=work, args=(own,)) for own in events]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert len(results) == 2
    return results, events


def test_without_optuna_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'hoiquy\[search\]'"):
        searched(tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("url", ["nonsense", "postgresql+psycopg://me:secret@127.0.0.1:1/none"])
def test_a_storage_that_cannot_be_opened_is_one_line(url: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot open the storage") as error:
        searched(tmp_path, storage=url)
    assert "secret" not in str(error.value) and "\n" not in str(error.value)


def test_numbers_of_trials_that_make_no_sense(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="0 trials"):
        searched(tmp_path, trials=0)


def test_a_data_set_without_test_documents_has_another_fingerprint() -> None:
    bare = data().without_test()
    assert len(bare.test) == 0 and bare.test.labels.dtype == np.int32
    assert bare.fingerprint() != data().fingerprint()
    assert bare.fingerprint() == data().without_test().fingerprint()


def test_its_folder_is_its_own(tmp_path: Path) -> None:
    out = tmp_path / "what? a & b #1 %20"  # an address would end at the first of these
    found = searched(out, trials=1)
    assert (out / "study.db").stat().st_size > 0
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
    with pytest.raises(RunError, match=r"0001 is a run folder: choose another --out"):
        searched(out / "trials" / "0001", trials=1)
    assert len(found.trials) == 1
