"""The report as Markdown, in Vietnamese or English, of a lab or of any runs.

The parts are in `lab_table.py` (the summary), `exercise_section.py` (one exercise) and
`lab_closing.py` (LSTM against GRU, how to reproduce).
"""

from collections.abc import Sequence
from pathlib import Path

from hoiquy.errors import RunError
from hoiquy.messages import Lang, text
from hoiquy.report.curves import draw_learning_curves, draw_overview
from hoiquy.report.exercise_section import DrawCurves, exercise_section
from hoiquy.report.exercises import ExerciseRuns, group_runs, run_title
from hoiquy.report.figures import draw_numbered_curves
from hoiquy.report.lab_closing import comparison_section, reproduce_section
from hoiquy.report.lab_table import lab_table
from hoiquy.report.markdown import image, relative_link, table
from hoiquy.report.statements import statements
from hoiquy.runs.folder import Run
from hoiquy.system.atomic_write import make_folder, write_text

__all__ = ["lab_table", "write_lab_report", "write_markdown"]


def write_lab_report(runs: Sequence[Run], folder: Path, lang: Lang) -> Path:
    """Write `report.md` and `overview.png` into `folder` and return the report's path.

    `runs` are any of the five exercises, in any order, with one or several seeds each. The curves
    are redrawn in the report's language into the runs' `figures` folders.
    Raises RunError without runs, HoiquyError if a file cannot be written.
    """

    def draw(group: ExerciseRuns, run: Run) -> tuple[Path, Path]:
        return draw_learning_curves(run.history, run_title(run, lang), run.folder / "figures", lang)

    return _write(runs, folder / "report.md", folder / "overview.png", lang, draw)


def write_markdown(runs: Sequence[Run], path: Path, lang: Lang) -> Path:
    """Write a report of any runs into the file `path`, its figures into a folder next to it.

    The run folders are only read. Raises as `write_lab_report`.
    """
    pictures = path.parent / f"{path.stem}-figures"

    def draw(group: ExerciseRuns, run: Run) -> tuple[Path, Path]:
        return draw_numbered_curves(group, run, pictures, lang)

    return _write(runs, path, pictures / "overview.png", lang, draw)


def _write(
    runs: Sequence[Run], path: Path, overview: Path, lang: Lang, draw_curves: DrawCurves
) -> Path:
    if not runs:
        raise RunError(f"{path.parent}: no runs to report on")
    make_folder(path.parent)
    groups = group_runs(runs)
    title = "report.title" if all(group.published for group in groups) else "page.title"
    parts = [f"# {text(title, lang)}", *(f"> {line}" for line in statements(runs, lang))]
    parts += [f"## {text('report.summary', lang)}", table(*lab_table(runs, lang))]
    if any(run.history for run in runs):
        draw_overview(runs, overview, lang)
        link = relative_link(overview, path.parent)
        parts.append(image(text("report.overview_caption", lang), link))
    for group in groups:
        parts += exercise_section(group, path.parent, lang, draw_curves)
    try:
        parts += comparison_section(runs, lang)
    except RunError as problem:  # for example different data
        parts.append(f"> {text('page.incomparable', lang, problem=problem)}")
    parts += reproduce_section(runs, lang)
    write_text(path, "\n\n".join(parts) + "\n")
    return path
