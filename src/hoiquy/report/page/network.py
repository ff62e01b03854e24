"""The section of one recipe and its trainings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from hoiquy.errors import RunError
from hoiquy.messages import Lang
from hoiquy.nn.metrics import Evaluation, MultilabelEvaluation, evaluate, evaluate_multilabel
from hoiquy.report.exercise_section import curve_captions, other_seeds, published_line
from hoiquy.report.exercises import ExerciseRuns, structure_of
from hoiquy.report.members import MembersInfo, members_of
from hoiquy.report.page.accuracy_plot import plot_of
from hoiquy.report.page.answers import (
    Cell,
    Length,
    ShownExample,
    confusion_cells,
    shown_misclassified,
)
from hoiquy.report.page.answers import lengths as lengths_of
from hoiquy.report.page.calibration import CalibrationDrawing, draw_calibration
from hoiquy.report.page.curve_data import Curve
from hoiquy.report.page.scale import Plot
from hoiquy.report.published import Published
from hoiquy.report.remarks import DoctorsRemark, Remark, remarks_with
from hoiquy.report.scores import score_of
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.files import Cost
from hoiquy.runs.folder import Predictions, Run

COLOURS = 6  # in page.css; further networks reuse them
T = TypeVar("T")


@dataclass(frozen=True)
class Detail:
    """One training; missing files are None and listed in `problems`."""

    run: Run
    cost: Cost | None
    summary: str | None
    recipe: str
    remarks: Sequence[Remark]
    diagnostics: Sequence[Diagnostic]  # that no remark covers
    classes: Sequence[str]
    evaluation: Evaluation | None
    labels: MultilabelEvaluation | None  # instead of `evaluation` for several labels
    confusion: Sequence[Sequence[Cell]]
    calibration: CalibrationDrawing | None
    misclassified: Sequence[ShownExample]
    lengths: Sequence[Length]
    members: MembersInfo | None  # of an ensemble, instead of curves
    problems: Sequence[str]


@dataclass(frozen=True)
class Network:
    """Runs that differ only in the seed; the details are those of the lowest seed."""

    number: int  # from 1, in the page's order
    group: ExerciseRuns
    detail: Detail
    curves: Sequence[Curve]

    @property
    def colour(self) -> int:
        return (self.number - 1) % COLOURS + 1

    @property
    def runs(self) -> Sequence[Run]:
        return self.group.runs

    @property
    def published(self) -> Published | None:
        return self.group.published

    @property
    def structure(self) -> str:
        """The layers, `Embedding(128) → LSTM(200)`, or the members of an ensemble."""
        return structure_of(self.group.runs[0])

    @property
    def has_test(self) -> bool:
        return any(run.result.test_accuracy is not None for run in self.runs)

    @property
    def curve_numbers(self) -> list[int]:
        return [curve.number for curve in self.curves]

    def label(self, lang: Lang) -> str:
        return self.group.label(lang)

    def curve_captions(self, lang: Lang) -> tuple[str, str]:
        """Captions of accuracy and loss, numbered as on the lab sheet if it has them."""
        return curve_captions(self.published, lang)

    @property
    def headline(self) -> Plot | None:
        """Test accuracy and its interval; None without a complete run."""
        return plot_of(self.runs, self.published)

    @property
    def scored_seeds(self) -> int:
        return sum(run.result.test_accuracy is not None for run in self.runs)

    def seeds_sentence(self, lang: Lang) -> str:
        return other_seeds(self.group, lang)

    def published_sentence(self, lang: Lang) -> str:
        return published_line(self.published, lang) if self.published else ""


def network_of(number: int, group: ExerciseRuns, curves: Sequence[Curve]) -> Network:
    """Read all that the section of a group shows."""
    return Network(number, group, _detail(_representative(group)), curves)


def _representative(group: ExerciseRuns) -> Run:
    """The lowest complete seed, otherwise the lowest."""
    complete = [run for run in group.runs if run.result.test_accuracy is not None]
    return (complete or list(group.runs))[0]


def _detail(run: Run) -> Detail:
    problems: list[str] = []
    predictions = None
    if run.result.test_accuracy is not None:
        predictions = _or_none(run.predictions, problems)
    evaluation, labels = _evaluations(predictions)
    misclassified = _or_none(run.misclassified, problems)
    diagnostics = _or_none(run.diagnostics, problems) or ()
    found = remarks_with(run, score_of(run) if predictions else None, diagnostics)
    classes = run.result.classes
    return Detail(
        run=run,
        cost=_or_none(run.cost, problems),
        summary=_or_none(run.summary, problems),
        recipe=run.recipe.to_toml(),
        remarks=[one for one in found if not isinstance(one, DoctorsRemark)],
        diagnostics=[
            one.diagnostic for one in found if isinstance(one, DoctorsRemark) and one.diagnostic
        ],
        classes=classes,
        evaluation=evaluation,
        labels=labels,
        confusion=confusion_cells(evaluation) if evaluation else (),
        calibration=draw_calibration(evaluation.reliability, len(classes)) if evaluation else None,
        misclassified=shown_misclassified(misclassified, classes) if misclassified else (),
        lengths=lengths_of(misclassified.by_length) if misclassified else (),
        members=_or_none(lambda: members_of(run), problems),
        problems=tuple(problems),
    )


def _evaluations(
    predictions: Predictions | None,
) -> tuple[Evaluation | None, MultilabelEvaluation | None]:
    """Measures for one label per document or for several; the other is None."""
    if predictions is None:
        return None, None
    if predictions.multilabel:
        return None, evaluate_multilabel(predictions.labels, predictions.probabilities)
    return evaluate(predictions.labels, predictions.probabilities), None


def _or_none(read: Callable[[], T], problems: list[str]) -> T | None:
    """Read a file; a missing one is added to `problems` and only its part is left out."""
    try:
        return read()
    except RunError as error:
        problems.append(str(error))
        return None
