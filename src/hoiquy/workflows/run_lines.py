"""A run in three lines: what it is, how good it is, and what it is made of."""

from hoiquy.comparison.statistics import accuracy_interval
from hoiquy.runs.ensemble import ensemble_of
from hoiquy.runs.folder import Run

_MOST_CLASSES = 6  # that are named


def described(run: Run) -> str:
    """Three lines on a run, for `repr`. Raises RunError if a file is damaged."""
    result = run.result
    named = ", ".join(result.classes[:_MOST_CLASSES])
    more = ", …" if len(result.classes) > _MOST_CLASSES else ""
    kind = "labels" if result.multilabel else "classes"
    return (
        f"<Run {str(run.folder)!r}: {result.recipe!r} on {result.data!r}, "
        f"{len(result.classes)} {kind} ({named}{more})\n"
        f"  {_accuracy(run)}\n"
        f"  {_made_of(run)}>"
    )


def _accuracy(run: Run) -> str:
    result = run.result
    if result.status == "interrupted":
        return f"interrupted: continue with hoiquy.resume({str(run.folder)!r})"
    if result.test_accuracy is None:
        return "not scored on test documents"
    correct = round(result.test_accuracy * result.test_documents)
    low, high = accuracy_interval(correct, result.test_documents)
    kind = "subset accuracy" if result.multilabel else "accuracy"
    return (
        f"test {kind} {result.test_accuracy:.2%} (95% interval {100 * low:.2f}–{100 * high:.2f}) "
        f"on {result.test_documents:,} documents"
    )


def _made_of(run: Run) -> str:
    result = run.result
    parameters = f"{result.parameters:,} parameters"
    if not result.is_ensemble:
        return f"{result.epochs} of {run.recipe.training.epochs} epochs, {parameters}"
    ensemble = ensemble_of(run)
    members = [one for one in ensemble.members if one.weight > 0] if ensemble else []
    models = ", ".join(f"{len(one.models)} × {one.name}" for one in members)
    return f"ensemble of {models or 'no model yet'}, {parameters}"
