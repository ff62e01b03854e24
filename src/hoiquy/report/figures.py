"""All figures of runs as PNG and SVG, numbered as on the lab sheet: `figure-6a.png`."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from hoiquy.errors import RunError
from hoiquy.messages import Lang
from hoiquy.nn.metrics import evaluate
from hoiquy.report.answer_figures import draw_confusion, draw_reliability
from hoiquy.report.curves import draw_curve, draw_overview
from hoiquy.report.exercises import ExerciseRuns, group_runs, is_quick
from hoiquy.runs.folder import Run

FORMATS = (".png", ".svg")


def write_figures(
    runs: Sequence[Run], folder: Path, lang: Lang, say: Callable[[str], None] = lambda name: None
) -> list[Path]:
    """Draw all figures into `folder` and return their paths; `say` is called with each recipe name.

    Learning curves of each run, an overview, and for complete runs the confusion matrix and the
    reliability diagram. Missing files are left out.
    Raises HoiquyError if a file cannot be written.
    """
    written: list[Path] = []
    if any(run.history for run in runs):
        for path in _formats(folder / "overview"):
            draw_overview(runs, path, lang)
            written.append(path)
    for group in group_runs(runs):
        say(group.name)
        for run in group.runs:
            written += _curves(group, run, folder, lang)
            written += _answers(group, run, folder, lang)
    return written


def draw_numbered_curves(
    group: ExerciseRuns, run: Run, folder: Path, lang: Lang
) -> tuple[Path, Path]:
    """Draw accuracy and loss of a run with at least one epoch, as PNG."""
    accuracy, loss = (
        folder / f"{figure_name(group, run, measure)}.png" for measure in ("accuracy", "loss")
    )
    draw_curve(run.history, "accuracy", group.title(lang), [accuracy], lang)
    draw_curve(run.history, "loss", group.title(lang), [loss], lang)
    return accuracy, loss


def figure_name(group: ExerciseRuns, run: Run, measure: str) -> str:
    """`figure-6a` if the sheet has the figure, otherwise the recipe's name and the measure.

    Differences from other runs of the same figure are appended: `figure-6a-quick-seed2`.
    """
    letter = {"accuracy": "a", "loss": "b"}.get(measure)
    if group.published and letter:
        parts = [f"figure-{group.published.curves_figure}{letter}"]
        parts += ["quick"] if is_quick(group.name) else []
    else:
        parts = [group.name, measure]
    parts += [group.differences] if group.differences else []
    parts += [f"seed{run.result.seed}"] if len(group.runs) > 1 else []
    return re.sub(r"[^\w.=-]+", "-", "-".join(parts)).strip("-")


def _curves(group: ExerciseRuns, run: Run, folder: Path, lang: Lang) -> list[Path]:
    written: list[Path] = []
    for measure in ("accuracy", "loss") if run.history else ():
        paths = _formats(folder / figure_name(group, run, measure))
        draw_curve(run.history, measure, group.title(lang), paths, lang)
        written += paths
    return written


def _answers(group: ExerciseRuns, run: Run, folder: Path, lang: Lang) -> list[Path]:
    if run.result.test_accuracy is None:
        return []
    try:
        predictions = run.predictions()
    except RunError:
        return []
    if predictions.multilabel:  # these have no confusion matrix and no confidence
        return []
    evaluation = evaluate(predictions.labels, predictions.probabilities)
    title, classes = group.title(lang), run.result.classes
    confusion = _formats(folder / figure_name(group, run, "confusion"))
    reliability = _formats(folder / figure_name(group, run, "reliability"))
    draw_confusion(evaluation, classes, title, confusion, lang)
    draw_reliability(evaluation, title, reliability, lang)
    return [*confusion, *reliability]


def _formats(stem: Path) -> list[Path]:
    return [stem.with_name(f"{stem.name}{suffix}") for suffix in FORMATS]
