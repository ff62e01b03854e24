"""Write a report of runs."""

import shlex
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from hoiquy.errors import InputError
from hoiquy.messages import Lang, default_language, language_option, text
from hoiquy.report.exercises import group_runs
from hoiquy.report.gathering import gather
from hoiquy.report.lab_report import write_docx, write_markdown
from hoiquy.report.own_words.author import Author
from hoiquy.report.own_words.merge import (
    find_own_words,
    make_own_words,
    own_words,
    own_words_place,
)
from hoiquy.report.page.build import write_page
from hoiquy.report.report_options import ReportOptions
from hoiquy.runs.folder import Run
from hoiquy.system.program import program

SUFFIXES = (".html", ".htm", ".md", ".docx")


def report(
    runs: str | Path | Run | Iterable[str | Path | Run],
    out: str | Path = "report.html",
    *,
    lang: Lang | None = None,
    author: str | Author = "",
    remarks: str | Path | None = None,
    brief: bool = False,
    on_note: Callable[[str], None] = lambda note: None,
) -> Path:
    """Write a report of runs as a self-contained HTML page, as Markdown or as a Word document.

    Args:
        runs: A run, a run folder or a folder of runs, or several of them in a list.
        out: A file ending in .html, in .docx, or in .md with its figures in a folder next to it.
        lang: "vi" or "en", the language of the report, and of the page when it is opened; by
            default that of `set_language`, else of the environment.
        author: Who hands it in: a name, or an `Author` with student number and class.
        remarks: A text file with own remarks, which is made if it is missing; by default
            my-remarks.txt in a folder of runs, if there is one, else a note says how to make it.
        brief: Whether to leave out the appendices, for at most ten pages of a lab.
        on_note: Called with a line for each run that is read or left out, and on own remarks.

    Returns:
        The path of the report.

    Raises:
        InputError: `out` has another suffix, or the file of remarks cannot be read.
        MissingExtraError: `out` ends in .docx and python-docx is not installed.
        RunError: There is no run that can be read.
        WriteError: The report cannot be written.
    """
    path, language = Path(out), lang or default_language()
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path}: expected a file name ending in .html, .docx or .md")
    several = [runs] if isinstance(runs, str | Path | Run) else runs
    places = [run.folder if isinstance(run, Run) else Path(run) for run in several]
    gathered = gather(places)
    for problem in gathered.problems:
        on_note(f"skipped: {problem}")
    names = [group.name for group in group_runs(gathered.runs)]
    who = Author(author) if isinstance(author, str) else author
    file = find_own_words(places) if remarks is None else Path(remarks)
    if file is not None and make_own_words(
        file, who, names, language, _command(places, path, file, language)
    ):
        on_note(text("own.file_written", language, file=file))
    if file is None:
        command = _command(places, path, own_words_place(places), language)
        on_note(text("own.how", language, command=command))
    options = ReportOptions(own_words(who, file, names), brief)
    if path.suffix.lower() == ".md":
        return write_markdown(gathered, path, language, options)
    if path.suffix.lower() == ".docx":
        return write_docx(gathered, path, language, options)
    return write_page(gathered, path, language, lambda name: on_note(f"reading {name} …"), options)


def _command(places: Sequence[Path], out: Path, file: Path, lang: Lang) -> str:
    """The command that makes the report again."""
    words = ["report", *map(str, places), "--out", str(out), "--remarks", str(file)]
    return f"{program()} {shlex.join(words)}{language_option(lang)}"
