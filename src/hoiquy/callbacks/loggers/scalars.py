"""The logged numbers and settings, with the same names in every logger."""

from dataclasses import asdict

from hoiquy.recipe.overrides import flat_settings
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.folder import Run
from hoiquy.runs.history import EpochRecord

Setting = bool | int | float | str


def epoch_measures(
    record: EpochRecord, documents_per_second: float | None = None
) -> dict[str, float]:
    """The numbers of `history.jsonl`, those of layers as gradient_norms/lstm, and the speed."""
    measures: dict[str, float] = {}
    for name, value in asdict(record).items():
        if isinstance(value, dict):
            measures |= {f"{name}/{layer}": float(norm) for layer, norm in value.items()}
        elif name != "epoch":
            measures[name] = float(value)
    if documents_per_second is not None:
        measures["documents_per_second"] = documents_per_second
    return measures


def result_measures(run: Run) -> dict[str, float]:
    """The results of a complete run."""
    result = run.result
    measures = {
        "test_accuracy": result.test_accuracy,
        "test_loss": result.test_loss,
        "test_macro_f1": result.test_macro_f1,
        "parameters": result.parameters,
        "best_epoch": result.best_epoch,
        "seconds": run.cost().seconds,
    }
    return {name: float(value) for name, value in measures.items() if value is not None}


def recipe_settings(recipe: Recipe) -> dict[str, Setting]:
    """Every setting of a recipe by its key, written as `--set` takes it: training.epochs."""
    return flat_settings(recipe.model_dump(exclude_none=True, exclude={"description"}))
