"""Each fault that was planted is found in a real training; a healthy one is left in peace."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from planted import FAULTS, Fault, recipe, reviews

from hoiquy.data.dataset import Dataset
from hoiquy.events import Diagnosed, Event
from hoiquy.messages import LANGUAGES, catalogue
from hoiquy.recipe.recipe import Recipe
from hoiquy.report.remarks import DoctorsRemark, remarks
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.folder import Run
from hoiquy.workflows.train import train
from hoiquy.workflows.verify import verify


@dataclass
class Trained:
    """A run and the diagnostics reported during its training."""

    run: Run
    reported: list[Diagnostic]

    @property
    def found(self) -> dict[str, Diagnostic]:
        return {diagnostic.key: diagnostic for diagnostic in self.run.diagnostics()}


def trained(data: Dataset, chosen: Recipe, folder: Path) -> Trained:
    reported: list[Diagnostic] = []

    def listen(event: Event) -> None:
        if isinstance(event, Diagnosed):
            reported.append(event.diagnostic)

    return Trained(train(data, chosen, folder, on_event=listen), reported)


@pytest.fixture(scope="module", params=sorted(FAULTS))
def faulty(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Fault, Trained]:
    """A training with one fault, done once for all tests below."""
    fault = FAULTS[request.param]
    return fault, trained(fault.data, fault.recipe(), tmp_path_factory.mktemp("faulty") / "run")


def test_it_is_found_and_nothing_else(faulty: tuple[Fault, Trained]) -> None:
    fault, training = faulty
    assert set(training.found) == {fault.diagnostic, *fault.also}
    assert verify(training.run.folder)[1] == []


def test_it_is_told_while_it_trains_unless_it_is_a_note(faulty: tuple[Fault, Trained]) -> None:
    _, training = faulty
    warnings = {key for key, found in training.found.items() if found.severity == "warning"}
    assert warnings <= {diagnostic.key for diagnostic in training.reported}
    for diagnostic in training.reported:
        assert diagnostic.severity == "warning"
        kept = training.found.get(diagnostic.key)
        if kept is not None and kept.epoch is not None:
            assert diagnostic.epoch is not None and diagnostic.epoch <= kept.epoch


def test_what_is_suggested_is_a_line_that_a_recipe_takes(faulty: tuple[Fault, Trained]) -> None:
    _, training = faulty
    for diagnostic in training.found.values():
        if diagnostic.setting is not None:
            assert training.run.recipe.with_settings([diagnostic.setting]) != training.run.recipe
            assert f"`{diagnostic.setting}`" in diagnostic.change("en")
            assert f"`{diagnostic.setting}`" in diagnostic.change("vi")
        for lang in LANGUAGES:
            assert "None" not in diagnostic.text(lang)


def test_what_is_suggested_helps(faulty: tuple[Fault, Trained], tmp_path: Path) -> None:
    fault, training = faulty
    diagnostic = training.found[fault.diagnostic]
    if diagnostic.setting is None or not fault.cured:
        pytest.skip("no line of a recipe cures this")
    better = training.run.recipe.with_settings([diagnostic.setting])
    assert fault.diagnostic not in trained(fault.data, better, tmp_path / "run").found


def test_remarks_say_it_once(faulty: tuple[Fault, Trained]) -> None:
    fault, training = faulty
    texts = [
        remark.text("en")
        for remark in remarks(training.run)
        # that a training failed comes first, with the line of its cause
        if remark.key == fault.diagnostic
        or not isinstance(remark, DoctorsRemark)
        or not remark.key.startswith(("below_bag_of_words", "chance_"))
    ]
    setting = training.found[fault.diagnostic].setting
    if setting is not None:
        assert sum(f"`{setting}`" in text for text in texts) == 1
    else:
        assert training.found[fault.diagnostic].text("en") in texts


def test_a_healthy_training_is_left_in_peace(tmp_path: Path) -> None:
    training = trained(reviews(), recipe("training.epochs=8"), tmp_path / "run")
    assert training.reported == []
    assert training.run.diagnostics() == ()
    assert training.run.result.test_accuracy == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("kind", ["lstm", "gru", "simple_rnn"])
def test_so_are_other_healthy_networks(kind: str, tmp_path: Path) -> None:
    changes = [f"model.layers.1.type={kind}", "training.epochs=6", "training.seed=3"]
    assert trained(reviews(), recipe(*changes), tmp_path / "run").run.diagnostics() == ()


def test_every_text_belongs_to_a_fault_that_is_planted() -> None:
    """Every diagnostic has a test (the last two in test_failed_training.py)."""
    keys = {
        key.removeprefix("diagnostic.") for key in catalogue("en") if key.startswith("diagnostic.")
    }
    planted = {fault.diagnostic for fault in FAULTS.values()}
    planted |= {key for fault in FAULTS.values() for key in fault.also}
    planted |= {f"below_bag_of_words_{cause}" for cause in ("from_large_steps", "from_other")}
    assert keys == {f"{key}_{part}" for key in planted for part in ("seen", "why", "change")}
