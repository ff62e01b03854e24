"""The reports of a lab, and the file in which the student writes remarks for them."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from hoiquy.messages import Lang, language_option
from hoiquy.report.exercises import group_runs
from hoiquy.report.gathering import Gathered
from hoiquy.report.lab_report import write_lab_report
from hoiquy.report.own_words.author import Author
from hoiquy.report.own_words.file import FILE_NAME, read_own_words
from hoiquy.report.own_words.merge import make_own_words, own_words
from hoiquy.report.page.build import write_page
from hoiquy.report.report_options import ReportOptions
from hoiquy.runs.folder import Run
from hoiquy.system.program import program


def check_own_words(folder: Path) -> None:
    """Raise InputError if the student's file in this folder is there and cannot be read."""
    if (folder / FILE_NAME).exists():
        read_own_words(folder / FILE_NAME)


def write_lab_reports(
    runs: Sequence[Run], folder: Path, author: Author, lang: Lang, *, brief: bool
) -> list[Path]:
    """Write the Markdown and the page into the folder of a lab; return all files to look at.

    The student's file is made if it is missing, and merged.

    Args:
        runs: At least one.
        folder: Of the lab.
        author: Fields that go before those of the file.
        lang: Of the reports.
        brief: Whether to leave out the appendices.

    Raises:
        InputError: The student's file cannot be read.
        WriteError: A file cannot be written.
    """
    remarks, page = folder / FILE_NAME, folder / "report.html"
    names = [group.name for group in group_runs(runs)]
    words = shlex.join(["report", str(folder), "--out", str(page)])
    command = f"{program()} {words}{language_option(lang)}"
    make_own_words(remarks, author, names, lang, command)
    options = ReportOptions(own_words(author, remarks, names), brief)
    report = write_lab_report(runs, folder, lang, options)
    write_page(Gathered(tuple(runs)), page, lang, options=options)
    return [remarks, report, folder / "overview.png", page]
