"""The report of a lab: `report.md` beside the run folders, in Vietnamese or English.

The parts are in `lab_table.py` (the summary), `exercise_section.py` (one exercise) and
`lab_closing.py` (LSTM versus GRU, how to reproduce).
"""

from collections.abc import Sequence
from pathlib import Path

from hoiquy.atomic import make_folder, write_text
from hoiquy.errors import RunError
from hoiquy.messages import Lang, text
from hoiquy.report.curves import draw_overview
from hoiquy.report.exercise_section import exercise_section
from hoiquy.report.exercises import group_runs
from hoiquy.report.lab_closing import comparison_section, reproduce_section
from hoiquy.report.lab_table import lab_table
from hoiquy.report.markdown import image, table
from hoiquy.report.statements import statements
from hoiquy.runs import Run

__all__ = ["lab_table", "write_lab_report"]


def write_lab_report(runs: Sequence[Run], folder: Path, lang: Lang) -> Path:
    """Write `report.md` and `overview.png` into `folder` and return the report's path.

    `runs` are any of the five exercises, in any order, each with one seed or several. The curves
    are drawn again into the runs' `figures` folders, in the report's language.
    Raises RunError without runs or for a damaged one, HoiquyError if a file cannot be written.
    """
    if not runs:
        raise RunError(f"{folder}: no runs to report on")
    make_folder(folder)
    parts = [f"# {text('report.title', lang)}", *(f"> {statement}" for statement in statements(runs, lang))]
    parts += [f"## {text('report.summary', lang)}", table(*lab_table(runs, lang))]
    if any(run.history for run in runs):
        draw_overview(runs, folder / "overview.png", lang)
        parts.append(image(text("report.overview_caption", lang), "overview.png"))
    for group in group_runs(runs):
        parts += exercise_section(group, folder, lang)
    parts += comparison_section(runs, lang)
    parts += reproduce_section(runs, lang)
    path = folder / "report.md"
    write_text(path, "\n\n".join(parts) + "\n")
    return path
