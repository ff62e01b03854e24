"""Remarks on what was trained and on which documents it was tested."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from hoiquy.errors import RunError
from hoiquy.recipe.overrides import flat_settings
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.report.exercises import exercise_name, is_quick
from hoiquy.report.members import members_of
from hoiquy.report.published import PUBLISHED
from hoiquy.report.remark import MembersRemark, Remark
from hoiquy.runs.folder import Run
from hoiquy.runs.imdb_data import is_imdb


def about_the_setting(run: Run) -> Iterator[Remark]:
    """Differences from the lab's own training, other documents, an unfinished training."""
    name = run.recipe.name
    is_exercise = exercise_name(name) in PUBLISHED
    if is_exercise:
        lab = load_recipe(exercise_name(name))
        if is_quick(name):
            yield Remark("quick", _quick_values(run.recipe, lab))
        elif changes := setting_changes(run.recipe, lab):
            yield Remark("settings_changed", {"changes": "; ".join(changes)})
    if not run.result.official_test and run.result.status != "untested":
        if is_imdb(run.result.data):
            yield Remark("not_official", {"data": run.result.data_name})
        elif is_exercise:
            yield Remark("other_data", {"data": run.result.data_name})
    if run.result.multilabel:
        yield Remark("several_labels")
    if run.result.status == "interrupted" and run.result.is_ensemble:
        yield Remark("ensemble_interrupted")
    elif run.result.status == "interrupted":
        planned = run.recipe.training.epochs
        yield Remark("interrupted", {"epochs": len(run.history), "planned": planned})


def about_the_ensemble(run: Run) -> Iterator[Remark]:
    """Its members; nothing for a single network."""
    with suppress(RunError):  # a damaged file, which whoever reads the members reports
        if (members := members_of(run)) is not None:
            yield MembersRemark("ensemble", members=members)


def about_unreachable_rows(run: Run) -> Iterator[Remark]:
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


def setting_changes(recipe: Recipe, lab: Recipe) -> list[str]:
    """Return `key = value (lab value)` where two recipes differ; seeds and names do not count."""
    own, theirs = flat_settings(recipe.model_dump()), flat_settings(lab.model_dump())
    keys = [key for key in {**theirs, **own} if key not in ("name", "description", "training.seed")]
    return [
        f"{key} = {own.get(key, '–')} ({theirs.get(key, '–')})"
        for key in keys
        if own.get(key) != theirs.get(key)
    ]


def _quick_values(recipe: Recipe, lab: Recipe) -> dict[str, Any]:
    return {
        "length": recipe.data.max_length,
        "rate": recipe.training.learning_rate,
        "epochs": recipe.training.epochs,
        "lab_length": lab.data.max_length,
        "lab_rate": lab.training.learning_rate,
        "lab_epochs": lab.training.epochs,
    }
