"""`hoiquy report`: write a report of runs as HTML, Markdown, a Word document or figures."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoiquy.cli import options
from hoiquy.messages import translated

if TYPE_CHECKING:
    from hoiquy.messages import Lang


@click.command(
    epilog=options.examples(
        "hoiquy report lab --out report.html",
        "hoiquy report runs/lstm runs/gru --out report.md --lang vi",
        "hoiquy report lab-full --out report.html --figures figures",
        'hoiquy report lab --out report.docx --brief --author "Nguyen Van An" --class K68',
    )
)
@click.argument(
    "paths", metavar="RUN|FOLDER…", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help="Self-contained .html, a Word document .docx, or .md with figures next to it.",
)
@click.option(
    "--figures",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also write all figures as PNG and SVG, numbered as in the lab sheet.",
)
@options.author
@options.student_id
@options.class_name
@click.option(
    "--remarks",
    type=click.Path(path_type=Path),
    metavar="FILE",
    show_default="my-remarks.txt in FOLDER",
    help="Text file with your own remarks, which the report has beside ours; made if missing.",
)
@options.brief
@options.lang
@options.quiet
def report(
    paths: tuple[Path, ...],
    out: Path,
    figures: Path | None,
    author: str,
    student_id: str,
    class_name: str,
    remarks: Path | None,
    brief: bool,
    lang: "Lang",
    quiet: bool,
) -> None:
    """Write a report as HTML, Markdown or a Word document.

    RUN is a run folder, FOLDER a folder of runs. The HTML page has both languages and a dark theme,
    and loads nothing from elsewhere: mail it, hand it in, or print it to PDF from a browser.
    """
    from hoiquy.report.figures import write_figures
    from hoiquy.report.gathering import gather
    from hoiquy.report.own_words.author import Author
    from hoiquy.workflows.report import report as write_report

    def say(line: str) -> None:
        if not quiet or line.startswith("skipped"):
            click.echo(translated(line, lang), err=True)

    who = Author(author, student_id, class_name)
    path = write_report(
        paths, out, lang=lang, author=who, remarks=remarks, brief=brief, on_note=say
    )
    click.echo(str(path))
    if figures is not None:
        runs = gather(paths).runs
        written = write_figures(runs, figures, lang, lambda name: say(f"drawing {name} …"))
        click.echo(translated(f"{figures}: {len(written)} figures", lang))
