"""Sentences and captions on a network that all formats share."""

from hoiquy.messages import Lang, text
from hoiquy.report.exercises import ExerciseRuns
from hoiquy.report.published import Published
from hoiquy.report.scores import accuracy_of
from hoiquy.runs.folder import Run


def other_seeds(group: ExerciseRuns, lang: Lang) -> str:
    """One sentence: which seed is shown, and the test accuracy of each."""
    cells = []
    for run in group.runs:
        accuracy, seed = run.result.test_accuracy, run.result.seed
        key = "seed_interrupted" if accuracy is None else "seed_accuracy"
        cells.append(text(f"report.{key}", lang, accuracy=accuracy, seed=seed))
    values = {"seed": group.runs[0].result.seed, "accuracies": ", ".join(cells)}
    return text("report.other_seeds", lang, **values)


def summary_caption(published: Published | None, lang: Lang) -> str:
    """Caption of the model summary, numbered as on the lab sheet if it has it."""
    if published is None:
        return text("report.model_summary_plain", lang)
    return text("report.model_summary", lang, figure=published.summary_figure)


def curve_captions(published: Published | None, lang: Lang) -> tuple[str, str]:
    """Captions of the accuracy and of the loss, numbered as on the lab sheet if it has them."""
    if published is None:
        return text("report.accuracy_caption_plain", lang), text("report.loss_caption_plain", lang)
    figure = published.curves_figure
    return (
        text("report.accuracy_caption", lang, figure=figure),
        text("report.loss_caption", lang, figure=figure),
    )


def test_accuracy_sentence(run: Run, lang: Lang) -> str:
    """The test accuracy with its interval, in bold."""
    score = accuracy_of(run)
    if score is None:
        return text("report.test_accuracy_missing", lang)
    return text(
        "report.test_accuracy",
        lang,
        accuracy=score.accuracy,
        low=score.low,
        high=score.high,
        documents=run.result.test_documents,
    )


def published_line(published: Published, lang: Lang) -> str:
    """One sentence with the accuracies of the lab sheet."""
    return text(
        "report.published_range",
        lang,
        train=_range(published.train_range, lang),
        validation=_range(published.val_range, lang),
        test=published.accuracy / 100,
    )


def _range(ends: tuple[float, float], lang: Lang) -> str:
    low, high = ends
    if low == high:
        return text("report.about", lang, value=low)
    return text("report.range", lang, low=low, high=high)
