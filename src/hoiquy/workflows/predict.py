"""Predict texts with a run, and explain a prediction."""

from collections.abc import Sequence
from pathlib import Path

from hoiquy.prediction import explain as traces
from hoiquy.prediction.explain import ReadingTrace
from hoiquy.prediction.load import load_predictor
from hoiquy.prediction.text_classifier import TextClassifier
from hoiquy.runs import folder as run_folder
from hoiquy.workflows.run import Run

AnyRun = str | Path | run_folder.Run | TextClassifier


def predict(run: AnyRun, texts: Sequence[str]) -> list[str] | list[tuple[str, ...]]:
    """Predict the class of each text.

    To predict more than once, load the run once: `hoiquy.load_run(run).predict(texts)`.

    Args:
        run: A run, the path of its folder, or a predictor.
        texts: A list, array or Series of strings.

    Returns:
        The most probable class of each text, or a tuple of labels for each text if the run was
        trained on several labels per document.

    Raises:
        DataError: `texts` is a single string, or holds something else than strings.
        RunError: The folder is not a run, or the run is damaged or unfinished.
    """
    return _predictor(run).predict(texts)


def explain(run: AnyRun, text: str) -> ReadingTrace:
    """Show how each word of a text changes the prediction.

    Args:
        run: A run, the path of its folder, or a predictor.
        text: The text.

    Returns:
        The words, and the probabilities before the first word and after each.

    Raises:
        RunError: The folder is not a run, or the run is damaged or unfinished.
    """
    return traces.explain(_predictor(run), text)


def _predictor(run: AnyRun) -> TextClassifier:
    if isinstance(run, TextClassifier):
        return run
    return run.predictor if isinstance(run, Run) else load_predictor(run)
