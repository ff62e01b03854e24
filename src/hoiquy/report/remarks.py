"""Remarks on a run, from its history, result and recipe.

A remark is a key of the catalogue with values, the same for both languages.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from hoiquy.comparison.statistics import accuracy_interval
from hoiquy.errors import RunError
from hoiquy.messages import Lang, text
from hoiquy.recipe.overrides import flat_settings
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.report.exercises import exercise_name, is_quick
from hoiquy.report.members import MembersInfo, members_of
from hoiquy.report.published import PUBLISHED
from hoiquy.report.scores import Score, score_of
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.folder import Run
from hoiquy.runs.learning_curves import NEAR_CHANCE, SETTLED_SHARE, loss_facts

GOOD_SKILL = 0.6  # fewer errors than the majority class: 80% accuracy on two equal classes
FAIR_SKILL = 0.3  # 65% accuracy on two equal classes


@dataclass(frozen=True)
class Remark:
    """One statement about a run, with the suggested setting of an equivalent diagnostic if any."""

    key: str  # of the catalogue, after "remark."
    values: Mapping[str, Any] = field(default_factory=dict)
    diagnostic: Diagnostic | None = None

    def text(self, lang: Lang) -> str:
        """The statement as text."""
        statement = text(f"remark.{self.key}", lang, **self.values)
        return f"{statement} {self.diagnostic.change(lang)}" if self.diagnostic else statement


@dataclass(frozen=True)
class DoctorsRemark(Remark):
    """A diagnostic of the training doctor that no other remark covers."""

    def text(self, lang: Lang) -> str:
        """The diagnostic as text."""
        assert self.diagnostic is not None
        return self.diagnostic.text(lang)


@dataclass(frozen=True)
class MembersRemark(Remark):
    """Which members of an ensemble predict, and how good they are on held-out documents."""

    members: MembersInfo | None = None

    def text(self, lang: Lang) -> str:
        """The statement as text."""
        assert self.members is not None
        return self.members.sentence(lang)


# Remarks that cover a diagnostic.
COVERED_BY = {
    "ranks_as_magnitudes": ("chance_from_values",),
    "unreachable_rows": ("unreachable_rows",),
    "over_fitting": ("over_fitting", "over_fitting_loss"),
}


def remarks(run: Run) -> list[Remark]:
    """All remarks on a run: settings, learning curves, accuracy, and the doctor's diagnostics.

    Raises RunError for damaged predictions or diagnostics.
    """
    return remarks_with(run, score_of(run), run.diagnostics())


def remarks_with(run: Run, score: Score | None, diagnostics: Sequence[Diagnostic]) -> list[Remark]:
    """As `remarks`, with given score and diagnostics; without a score, no remarks on accuracy."""
    return _with_diagnostics(_own_remarks(run, score), diagnostics)


def _with_diagnostics(own: list[Remark], diagnostics: Sequence[Diagnostic]) -> list[Remark]:
    """The remarks, with uncovered diagnostics first."""
    others: list[Remark] = []
    for diagnostic in diagnostics:
        if diagnostic.key.startswith("chance_"):  # says more than the remark
            own = [one for one in own if one.key not in ("at_chance", "near_chance")]
        same = COVERED_BY.get(diagnostic.key, ())
        at = next((at for at, remark in enumerate(own) if remark.key in same), None)
        if at is None:
            others.append(DoctorsRemark(diagnostic.key, diagnostic.values, diagnostic))
        elif diagnostic.setting:
            own[at] = replace(own[at], diagnostic=diagnostic)
    return others + own


def _own_remarks(run: Run, score: Score | None) -> list[Remark]:
    found = [*_about_the_setting(run), *_about_the_ensemble(run)]
    if run.history:
        found += [_accuracy_range(run), _loss_course(run)]
        found += [_fit(run, score)] if len(run.history) > 1 else []
    if score is not None:
        found += _about_chance(run, score)
    found += _unreachable_rows(run)
    if score is not None:
        found += [_quality(run, score), *_against_published(run, score)]
    return found


def _about_the_setting(run: Run) -> Iterator[Remark]:
    """Differences from the lab's own training."""
    name = run.recipe.name
    if exercise_name(name) in PUBLISHED:
        lab = load_recipe(exercise_name(name))
        if is_quick(name):
            yield Remark("quick", _quick_values(run.recipe, lab))
        elif changes := setting_changes(run.recipe, lab):
            yield Remark("settings_changed", {"changes": "; ".join(changes)})
    if not run.result.official_test and run.result.status != "untested":
        yield Remark("not_official", {"data": run.result.data})
    if run.result.multilabel:
        yield Remark("several_labels")
    if run.result.status == "interrupted" and run.result.is_ensemble:
        yield Remark("ensemble_interrupted")
    elif run.result.status == "interrupted":
        planned = run.recipe.training.epochs
        yield Remark("interrupted", {"epochs": len(run.history), "planned": planned})


def _about_the_ensemble(run: Run) -> Iterator[Remark]:
    with suppress(RunError):  # a damaged file, which whoever reads the members reports
        if (members := members_of(run)) is not None:
            yield MembersRemark("ensemble", members=members)


def _quick_values(recipe: Recipe, lab: Recipe) -> dict[str, Any]:
    return {
        "length": recipe.data.max_length,
        "rate": recipe.training.learning_rate,
        "epochs": recipe.training.epochs,
        "lab_length": lab.data.max_length,
        "lab_rate": lab.training.learning_rate,
        "lab_epochs": lab.training.epochs,
    }


def setting_changes(recipe: Recipe, lab: Recipe) -> list[str]:
    """Return `key = value (lab value)` where two recipes differ; seeds and names do not count."""
    own, theirs = flat_settings(recipe.model_dump()), flat_settings(lab.model_dump())
    keys = [key for key in {**theirs, **own} if key not in ("name", "description", "training.seed")]
    return [
        f"{key} = {own.get(key, '–')} ({theirs.get(key, '–')})"
        for key in keys
        if own.get(key) != theirs.get(key)
    ]


def _accuracy_range(run: Run) -> Remark:
    train = [record.accuracy for record in run.history]
    validation = [record.val_accuracy for record in run.history]
    if len(train) == 1:
        return Remark("accuracy_one_epoch", {"train": train[0], "validation": validation[0]})
    values = {
        "epochs": len(train),
        "train_low": min(train),
        "train_high": max(train),
        "val_low": min(validation),
        "val_high": max(validation),
    }
    return Remark("accuracy_range", values)


def _loss_course(run: Run) -> Remark:
    facts = loss_facts(run.history)
    values = {
        "epoch": facts.epoch,
        "share": SETTLED_SHARE,
        "first": facts.first,
        "best": facts.best,
        "last": facts.last,
    }
    return Remark(f"loss_{facts.course}", values)


def _fit(run: Run, score: Score | None) -> Remark:
    """Overfitting, by accuracy and by loss.

    The accuracies differ if the final training accuracy is above the 95% interval of the validation
    accuracy: a smaller gap may be due to the choice of validation documents.
    """
    facts, end = loss_facts(run.history), run.history[-1]
    documents = run.result.validation_documents
    _, high = accuracy_interval(round(end.val_accuracy * documents), documents)
    gap = end.accuracy > high
    values = {
        "train": end.accuracy,
        "validation": end.val_accuracy,
        "gap": end.accuracy - end.val_accuracy,
        "best_epoch": facts.best_epoch,
        "best": facts.best,
        "last": facts.last,
    }
    if gap:
        return Remark("over_fitting" if facts.turned_up else "over_fitting_gap", values)
    if facts.turned_up:
        return Remark("over_fitting_loss", values)
    learns_nothing = score is not None and end.accuracy <= score.majority + NEAR_CHANCE
    return Remark("under_fitting" if learns_nothing else "no_over_fitting", values)


def _about_chance(run: Run, score: Score) -> Iterator[Remark]:
    if not score.near_chance:
        return
    yield Remark("at_chance" if score.at_chance else "near_chance", _score_values(score))
    if run.recipe.model.input == "values":
        yield Remark("chance_from_values")


def _score_values(score: Score) -> dict[str, Any]:
    return {
        "accuracy": score.accuracy,
        "low": score.low,
        "high": score.high,
        "majority": score.majority,
        "skill": score.skill,
        "good": GOOD_SKILL,
    }


def _unreachable_rows(run: Run) -> Iterator[Remark]:
    """Unreachable parameters: embedding rows of words outside the vocabulary."""
    unreachable, parameters = run.result.unreachable_parameters, run.result.parameters
    units = [layer.units for layer in run.recipe.model.layers if layer.type == "embedding"]
    if unreachable == 0 or not units:
        return
    rows, kept = unreachable // units[0], run.recipe.text.num_words
    yield Remark(
        "unreachable_rows",
        {
            "unreachable": unreachable,
            "parameters": parameters,
            "share": unreachable / parameters,
            "rows": rows,
            "all_rows": rows + kept,
            "num_words": kept,
        },
    )


def _quality(run: Run, score: Score) -> Remark:
    if score.near_chance:
        return Remark("bad_model", _score_values(score))
    quality = "good" if score.skill >= GOOD_SKILL else "fair"
    if score.skill < FAIR_SKILL:
        quality = "weak"
    return Remark(f"{quality}_model", _score_values(score))


def _against_published(run: Run, score: Score) -> Iterator[Remark]:
    """Compare the run with the sheet, only for the same settings and test documents."""
    published = PUBLISHED.get(run.recipe.name)
    if published is None or not run.result.official_test:
        return
    if setting_changes(run.recipe, load_recipe(run.recipe.name)):
        return
    accuracy = published.accuracy / 100
    side = "higher" if score.accuracy > accuracy else "lower"
    key = "published_agrees" if score.low <= accuracy <= score.high else f"published_{side}"
    values = {"published": accuracy, "difference": abs(score.accuracy - accuracy)}
    yield Remark(key, {**_score_values(score), **values})
