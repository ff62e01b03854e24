"""One exercise of the report: model summary, curves, test accuracy, remarks."""

from collections.abc import Callable
from pathlib import Path

from hoiquy.errors import RunError
from hoiquy.messages import Lang, text
from hoiquy.report.exercises import ExerciseRuns
from hoiquy.report.markdown import bullets, code_block, image, relative_link, table
from hoiquy.report.members import members_of
from hoiquy.report.published import Published
from hoiquy.report.remarks import Remark, remarks, remarks_with
from hoiquy.report.scores import accuracy_of
from hoiquy.runs.folder import Run

DrawCurves = Callable[[ExerciseRuns, Run], tuple[Path, Path]]  # accuracy and loss


def exercise_section(
    group: ExerciseRuns, folder: Path, lang: Lang, draw_curves: DrawCurves
) -> list[str]:
    """Return the paragraphs of one exercise for a report in `folder`.

    The lowest seed represents the group; the others add their test accuracies. Missing files are
    left out. Raises HoiquyError if a figure cannot be written.
    """
    run, published = group.runs[0], group.published
    parts = [f"## {group.title(lang)}"]
    if len(group.runs) > 1:
        parts.append(other_seeds(group, lang))
    parts += _model_summary(run, published, lang)
    if run.result.is_ensemble:
        parts += _members(run, lang)
    else:
        parts += _curves(group, run, folder, lang, draw_curves)
    parts.append(_test_accuracy(run, lang))
    if published:
        parts.append(published_line(published, lang))
    parts += [f"### {text('report.remarks', lang)}"]
    parts.append(bullets([remark.text(lang) for remark in _remarks(run)]))
    return parts


def _remarks(run: Run) -> list[Remark]:
    try:
        return remarks(run)
    except RunError:  # a file is missing: the remarks that do not need it
        return remarks_with(run, None, ())


def other_seeds(group: ExerciseRuns, lang: Lang) -> str:
    """One sentence: which seed is shown, and the test accuracy of each."""
    cells = []
    for run in group.runs:
        accuracy, seed = run.result.test_accuracy, run.result.seed
        key = "seed_interrupted" if accuracy is None else "seed_accuracy"
        cells.append(text(f"report.{key}", lang, accuracy=accuracy, seed=seed))
    values = {"seed": group.runs[0].result.seed, "accuracies": ", ".join(cells)}
    return text("report.other_seeds", lang, **values)


def _model_summary(run: Run, published: Published | None, lang: Lang) -> list[str]:
    heading = (
        text("report.model_summary", lang, figure=published.summary_figure)
        if published
        else text("report.model_summary_plain", lang)
    )
    try:
        return [f"### {heading}", code_block(run.summary())]
    except RunError:
        return [f"### {heading}", text("report.no_summary", lang)]


def _members(run: Run, lang: Lang) -> list[str]:
    """The members of an ensemble as a table; nothing if they cannot be read."""
    try:
        members = members_of(run)
    except RunError as problem:
        return [text("page.lost", lang, problem=problem)]
    if members is None:
        return []
    return [f"### {text('ensemble.heading', lang)}", table(*members.table(lang))]


def _curves(
    group: ExerciseRuns, run: Run, folder: Path, lang: Lang, draw_curves: DrawCurves
) -> list[str]:
    if not run.history:
        return [text("report.no_curves", lang)]
    pictures = draw_curves(group, run)
    return [
        image(caption, relative_link(picture, folder))
        for caption, picture in zip(curve_captions(group.published, lang), pictures, strict=True)
    ]


def curve_captions(published: Published | None, lang: Lang) -> tuple[str, str]:
    """Captions of the accuracy and of the loss, numbered as on the lab sheet if it has them."""
    if published is None:
        return text("report.accuracy_caption_plain", lang), text("report.loss_caption_plain", lang)
    figure = published.curves_figure
    return (
        text("report.accuracy_caption", lang, figure=figure),
        text("report.loss_caption", lang, figure=figure),
    )


def _test_accuracy(run: Run, lang: Lang) -> str:
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
