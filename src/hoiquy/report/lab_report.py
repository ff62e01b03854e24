"""Write a report as Markdown or as a Word document, in Vietnamese or English.

`lab_document.py` has its parts in order; `report/page` writes the HTML page from the same content.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from hoiquy.errors import RunError
from hoiquy.messages import Lang, text
from hoiquy.report.curves import draw_curve, draw_learning_curves, draw_overview
from hoiquy.report.document.markdown import to_markdown
from hoiquy.report.exercise_section import DrawCurves
from hoiquy.report.exercises import ExerciseRuns, run_title
from hoiquy.report.figures import draw_numbered_curves
from hoiquy.report.gathering import Gathered
from hoiquy.report.lab_document import lab_document
from hoiquy.report.lab_table import lab_table
from hoiquy.report.page.content import content_of
from hoiquy.report.report_options import FULL, ReportOptions
from hoiquy.runs.folder import Run
from hoiquy.system.atomic_write import make_folder, write_text

__all__ = ["lab_table", "write_docx", "write_lab_report", "write_markdown"]

_HALF_PAGE = (5.2, 3.7)  # inches of a figure that is printed on half the width


def write_lab_report(
    runs: Sequence[Run], folder: Path, lang: Lang, options: ReportOptions = FULL
) -> Path:
    """Write `report.md` and `overview.png` into `folder` and return the report's path.

    `runs` are any of the five exercises, in any order, with one or several seeds each. The curves
    are redrawn in the report's language into the runs' `figures` folders.
    Raises RunError without runs, HoiquyError if a file cannot be written.
    """

    def draw(group: ExerciseRuns, run: Run) -> tuple[Path, Path]:
        return draw_learning_curves(run.history, run_title(run, lang), run.folder / "figures", lang)

    gathered = Gathered(tuple(runs))
    return _write(gathered, folder / "report.md", folder / "overview.png", lang, draw, options)


def write_markdown(
    gathered: Gathered, path: Path, lang: Lang, options: ReportOptions = FULL
) -> Path:
    """Write a report of any runs into the file `path`, its figures into a folder next to it.

    The run folders are only read. Raises as `write_lab_report`.
    """
    pictures = path.parent / f"{path.stem}-figures"

    def draw(group: ExerciseRuns, run: Run) -> tuple[Path, Path]:
        return draw_numbered_curves(group, run, pictures, lang)

    return _write(gathered, path, pictures / "overview.png", lang, draw, options)


def write_docx(gathered: Gathered, path: Path, lang: Lang, options: ReportOptions = FULL) -> Path:
    """Write a report of any runs as a Word document with its figures inside.

    Raises as `write_lab_report`, and MissingExtraError without python-docx.
    """
    from hoiquy.report.document.docx import Properties, save_docx

    content = content_of(gathered, options=options)
    with tempfile.TemporaryDirectory(prefix="hoiquy-") as folder:
        overview = Path(folder) / "overview.png"

        def draw(group: ExerciseRuns, run: Run) -> tuple[Path, Path]:
            number = len(list(Path(folder).iterdir()))
            accuracy, loss = (
                Path(folder) / f"{number}-{measure}.png" for measure in ("accuracy", "loss")
            )
            draw_curve(run.history, "accuracy", "", [accuracy], lang, _HALF_PAGE)
            draw_curve(run.history, "loss", "", [loss], lang, _HALF_PAGE)
            return accuracy, loss

        def draw_all() -> Path:
            draw_overview(gathered.runs, overview, lang)
            return overview

        blocks = lab_document(content, draw, draw_all, lang)
        make_folder(path.parent)
        about = Properties(text(content.title, lang), options.own.author.name, lang, options.brief)
        save_docx(blocks, path, about)
    return path


def _write(
    gathered: Gathered,
    path: Path,
    overview: Path,
    lang: Lang,
    draw_curves: DrawCurves,
    options: ReportOptions,
) -> Path:
    if not gathered.runs:
        raise RunError(f"{path.parent}: no runs to report on")
    make_folder(path.parent)

    def draw_all() -> Path:
        draw_overview(gathered.runs, overview, lang)
        return overview

    content = content_of(gathered, options=options)
    blocks = lab_document(content, draw_curves, draw_all, lang)
    write_text(path, to_markdown(blocks, path.parent))
    return path
