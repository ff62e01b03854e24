"""Write a report of runs."""

from collections.abc import Callable, Iterable
from pathlib import Path

from hoiquy.errors import InputError
from hoiquy.messages import Lang, default_language
from hoiquy.report.gathering import gather
from hoiquy.report.lab_report import write_markdown
from hoiquy.report.page.build import write_page
from hoiquy.runs.folder import Run

SUFFIXES = (".html", ".htm", ".md")


def report(
    runs: str | Path | Run | Iterable[str | Path | Run],
    out: str | Path = "report.html",
    *,
    lang: Lang | None = None,
    on_note: Callable[[str], None] = lambda note: None,
) -> Path:
    """Write a report of runs as a self-contained HTML page or as Markdown.

    Args:
        runs: A run, a run folder or a folder of runs, or several of them in a list.
        out: A file ending in .html, or in .md with its figures in a folder next to it.
        lang: "vi" or "en", the language of Markdown, and of the page when it is opened; by default
            that of `set_language`, else of the environment.
        on_note: Called with a line for each run that is read or left out.

    Returns:
        The path of the report.

    Raises:
        InputError: `out` has another suffix.
        RunError: There is no run that can be read.
        WriteError: The report cannot be written.
    """
    path, language = Path(out), lang or default_language()
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path}: expected a file name ending in .html or .md")
    several = [runs] if isinstance(runs, str | Path | Run) else runs
    gathered = gather(run.folder if isinstance(run, Run) else run for run in several)
    for problem in gathered.problems:
        on_note(f"skipped: {problem}")
    if path.suffix.lower() == ".md":
        return write_markdown(gathered.runs, path, language)
    return write_page(gathered, path, language, lambda name: on_note(f"reading {name} …"))
