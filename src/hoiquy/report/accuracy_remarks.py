"""Remarks on a test accuracy: words for what `comparison.judgement` decided."""

from collections.abc import Iterator, Sequence
from typing import Any

from hoiquy.comparison.judgement import (
    FAIR_SKILL,
    GOOD_SKILL,
    WEAK_SKILL,
    AccuracyJudgement,
    Grade,
    accuracy_at,
)
from hoiquy.recipe.recipe import load_recipe
from hoiquy.report.published import PUBLISHED
from hoiquy.report.remark import GradeRemark, Remark
from hoiquy.report.setting_remarks import setting_changes
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.folder import Run

BELOW_BAG_OF_WORDS = "below_bag_of_words_"  # start of the keys of a diagnostic
_GRADED = ("weak_model", "fair_model", "good_model", "between_grades")
_WITH_GRADES = ("too_few_better", "hardly_better", "not_shown_better", "between_grades")
_NOT_BETTER = ("bad_model", "hardly_better", "not_shown_better")


def is_near_chance(run: Run, judged: AccuracyJudgement) -> bool:
    """Whether the accuracy is at or near chance level, where the training aimed at accuracy."""
    return judged.key in ("bad_model", "not_shown_better") and not _aims_elsewhere(run)


def about_chance(run: Run, judged: AccuracyJudgement) -> Iterator[Remark]:
    """Whether the accuracy is at chance level."""
    if judged.chance_key is None or _aims_elsewhere(run):
        return
    yield Remark(judged.chance_key, _values(judged))
    if run.recipe.model.input == "values":
        yield Remark("chance_from_values")


def quality(run: Run, judged: AccuracyJudgement, diagnostics: Sequence[Diagnostic]) -> Remark:
    """The verdict on the model."""
    key, values = judged.key, _values(judged)
    if key in _NOT_BETTER and _aims_elsewhere(run):
        return Remark("other_aim", values | {"macro_f1": run.result.test_macro_f1 or 0.0})
    beaten = next((d for d in diagnostics if d.key.startswith(BELOW_BAG_OF_WORDS)), None)
    if key in _GRADED and beaten is not None:
        measured = {name: beaten.values[name] for name in ("bag_of_words", "validation")}
        return Remark("beaten_model", values | measured)
    if key not in _WITH_GRADES:
        return Remark(key, values)
    bound = {Grade.WEAK: WEAK_SKILL, Grade.FAIR: FAIR_SKILL, Grade.GOOD: GOOD_SKILL}
    values["bound"] = accuracy_at(bound.get(judged.highest, 0.0), judged.majority)
    lower, upper = judged.lowest.name.lower(), judged.highest.name.lower()
    return GradeRemark(key, values, lower=lower, upper=upper)


def _aims_elsewhere(run: Run) -> bool:
    """Whether the training aimed at another measure than accuracy."""
    if run.result.is_ensemble:
        return run.result.metric != "accuracy"
    return run.recipe.training.class_weight != "none"


def _values(judged: AccuracyJudgement) -> dict[str, Any]:
    return {
        "accuracy": judged.accuracy,
        "low": judged.low,
        "high": judged.high,
        "majority": judged.majority,
        "skill": judged.skill,
        "good": GOOD_SKILL,
        "documents": judged.documents,
        "p": judged.p_value,
        "needed": judged.documents_needed,
        "precision": judged.precision,
    }


def against_published(run: Run, judged: AccuracyJudgement) -> Iterator[Remark]:
    """Compare the run with the sheet, only for the same settings and test documents."""
    published = PUBLISHED.get(run.recipe.name)
    if published is None or not run.result.official_test:
        return
    if setting_changes(run.recipe, load_recipe(run.recipe.name)):
        return
    accuracy = published.accuracy / 100
    side = "higher" if judged.accuracy > accuracy else "lower"
    key = "published_agrees" if judged.low <= accuracy <= judged.high else f"published_{side}"
    values = {"published": accuracy, "difference": abs(judged.accuracy - accuracy)}
    yield Remark(key, {**_values(judged), **values})
