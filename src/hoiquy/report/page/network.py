"""The section of one recipe and its trainings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from hoiquy.errors import RunError
from hoiquy.messages import Lang, text
from hoiquy.nn.metrics import Evaluation, MultilabelEvaluation, evaluate, evaluate_multilabel
from hoiquy.recipe.recipe import Recipe
from hoiquy.report.accuracy_remarks import is_near_chance
from hoiquy.report.exercises import ExerciseRuns, exercise_name, structure_of
from hoiquy.report.keras_code.script import can_be_keras, exercise_code, script
from hoiquy.report.keras_code.suggestion import beside_code
from hoiquy.report.members import MembersInfo, members_of
from hoiquy.report.network_sentences import (
    curve_captions,
    other_seeds,
    published_line,
    test_accuracy_sentence,
)
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
from hoiquy.report.published import PUBLISHED, Published
from hoiquy.report.remarks import DoctorsRemark, Remark, remarks_with
from hoiquy.report.scores import score_of
from hoiquy.report.summary_words import summary_words
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.ensemble import MEMBERS
from hoiquy.runs.files import Cost
from hoiquy.runs.folder import Predictions, Run, load_run
from hoiquy.runs.imdb_data import is_imdb

COLOURS = 6  # in page.css; further networks reuse them
T = TypeVar("T")


@dataclass(frozen=True)
class Detail:
    """One training; missing files are None and listed in `problems`."""

    run: Run
    cost: Cost | None
    summary: str | None
    recipes: Sequence[tuple[str, str]]  # name and TOML: of the network, or of each in an ensemble
    remarks: Sequence[Remark]  # but the doctor's; see `on_training`, `on_test`
    diagnostics: Sequence[Diagnostic]  # that no remark covers
    classes: Sequence[str]
    evaluation: Evaluation | None
    labels: MultilabelEvaluation | None  # instead of `evaluation` for several labels
    confusion: Sequence[Sequence[Cell]]
    calibration: CalibrationDrawing | None
    misclassified: Sequence[ShownExample]  # none at chance level, see `near_chance`
    near_chance: bool  # the test accuracy, of one label: misclassified texts are left out
    lengths: Sequence[Length]
    members: MembersInfo | None  # of an ensemble, instead of curves
    problems: Sequence[str]

    @property
    def on_training(self) -> list[Remark]:
        return [one for one in self.remarks if not one.on_test]

    @property
    def on_test(self) -> list[Remark]:
        return [one for one in self.remarks if one.on_test]

    def summary_in(self, lang: Lang) -> str:
        """The model summary with the language's numbers."""
        return summary_words(self.summary or "", self.run.result, lang)


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

    def structure(self, lang: Lang) -> str:
        """The layers, `Embedding(128) → LSTM(200)`, or the members of an ensemble."""
        return structure_of(self.group.runs[0], lang)

    @property
    def training_heading(self) -> str:
        """Key of the heading of the remarks on the training."""
        is_ensemble = self.detail.run.result.is_ensemble
        return "hand_in.ensemble_remarks" if is_ensemble else "hand_in.training_remarks"

    @property
    def has_test(self) -> bool:
        return any(run.result.test_accuracy is not None for run in self.runs)

    @property
    def curve_numbers(self) -> list[int]:
        return [curve.number for curve in self.curves]

    def label(self, lang: Lang) -> str:
        return self.group.label(lang)

    def recipe_heading(self, name: str, lang: Lang) -> str:
        """Heading of a recipe: `Bài 3`, or with the name of an ensemble's network: `auto: gru`."""
        if self.detail.run.result.is_ensemble:
            return f"{self.label(lang)}: {name}"
        return self.label(lang)

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

    @property
    def has_code(self) -> bool:
        """Whether its recipe is written as Keras code, which reads the IMDB reviews."""
        return _has_code(self.detail.run)

    def code(self, num_words: int, lang: Lang) -> str:
        """Its code, after the preparation for `num_words`; the whole script for other words."""
        recipe, title = self.detail.run.recipe, self.group.title(lang)
        if recipe.text.num_words != num_words:
            return script(recipe, title, lang)
        return exercise_code(recipe, title, lang)

    def code_note(self, lang: Lang) -> str:
        """Which data the results are from, where the code reads other reviews."""
        result = self.detail.run.result
        if result.official_test:
            return ""
        return text("code.other_data", lang, data=result.data_name)

    @property
    def has_predictions(self) -> bool:
        """Whether there is anything on its predictions."""
        detail = self.detail
        return bool(detail.evaluation or detail.labels or detail.misclassified or detail.lengths)

    def test_sentence(self, lang: Lang) -> str:
        """The test accuracy with its interval."""
        return test_accuracy_sentence(self.detail.run, lang)

    def seeds_sentence(self, lang: Lang) -> str:
        return other_seeds(self.group, lang)

    def published_sentence(self, lang: Lang) -> str:
        return published_line(self.published, lang) if self.published else ""


def network_of(number: int, group: ExerciseRuns, curves: Sequence[Curve]) -> Network:
    """Read all that the section of a group shows."""
    return Network(number, group, _detail(_representative(group)), curves)


def _has_code(run: Run) -> bool:
    on_imdb = exercise_name(run.recipe.name) in PUBLISHED or is_imdb(run.result.data)
    return on_imdb and not run.result.is_ensemble and can_be_keras(run.recipe)


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
    if _has_code(run):
        diagnostics = tuple(
            beside_code(one, run.recipe) if one.setting else one for one in diagnostics
        )
    score = score_of(run) if predictions else None
    found = remarks_with(run, score, diagnostics)
    near_chance = score is not None and not run.result.multilabel and is_near_chance(run, score)
    shown = shown_misclassified(misclassified, run.result.classes) if misclassified else ()
    members = _or_none(lambda: members_of(run), problems)
    classes = run.result.classes
    return Detail(
        run=run,
        cost=_or_none(run.cost, problems),
        summary=_or_none(run.summary, problems),
        recipes=_or_none(lambda: _recipes(run, members), problems) or (),
        remarks=[one for one in found if not isinstance(one, DoctorsRemark)],
        diagnostics=[
            one.diagnostic for one in found if isinstance(one, DoctorsRemark) and one.diagnostic
        ],
        classes=classes,
        evaluation=evaluation,
        labels=labels,
        confusion=confusion_cells(evaluation) if evaluation else (),
        calibration=draw_calibration(evaluation.reliability, len(classes)) if evaluation else None,
        misclassified=() if near_chance else shown,
        near_chance=near_chance and bool(shown),
        lengths=lengths_of(misclassified.by_length) if misclassified else (),
        members=members,
        problems=tuple(problems),
    )


def _recipes(run: Run, members: MembersInfo | None) -> list[tuple[str, str]]:
    """The recipe of a network, or those of the networks that predict in an ensemble."""
    if not run.result.is_ensemble:
        return [(run.recipe.name, _without_description(run.recipe))]
    networks = [one for one in members.predicting if one.kind == "network"] if members else []
    return [
        (one.name, _without_description(load_run(run.folder / MEMBERS / one.models[0]).recipe))
        for one in networks
    ]


def _without_description(recipe: Recipe) -> str:
    return recipe.model_copy(update={"description": ""}).to_toml()  # the built-in ones are English


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
