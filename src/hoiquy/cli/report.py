"""`hoiquy report`: write a report of runs as HTML, Markdown or figures."""

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
    help="Self-contained .html file, or an .md file with figures next to it.",
)
@click.option(
    "--figures",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also write all figures as PNG and SVG, numbered as in the lab sheet.",
)
@options.lang
@options.quiet
def report(
    paths: tuple[Path, ...], out: Path, figures: Path | None, lang: "Lang", quiet: bool
) -> None:
    """Write a report of runs as HTML or Markdown.

    RUN is a run folder, FOLDER a folder of runs. The HTML page has both languages and a dark theme,
    and loads nothing from elsewhere: mail it, hand it in, or print it to PDF from a browser.
    """
    from hoiquy.report.figures import write_figures
    from hoiquy.report.gathering import gather
    from hoiquy.workflows.report import report as write_report

    def say(line: str) -> None:
        if not quiet or line.startswith("skipped"):
            click.echo(translated(line, lang), err=True)

    click.echo(str(write_report(paths, out, lang=lang, on_note=say)))
    if figures is not None:
        runs = gather(paths).runs
        written = write_figures(runs, figures, lang, lambda name: say(f"drawing {name} …"))
        click.echo(translated(f"{figures}: {len(written)} figures", lang))
