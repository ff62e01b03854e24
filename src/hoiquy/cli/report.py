"""`hoiquy report`: runs as one page to hand in, as Markdown, or as numbered figures."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoiquy.cli import options

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
    help="An .html file with everything inside, or an .md file beside figures.",
)
@click.option(
    "--figures",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also write every figure as PNG and SVG, numbered as in the lab sheet.",
)
@options.lang
@options.quiet
def report(
    paths: tuple[Path, ...], out: Path, figures: Path | None, lang: "Lang", quiet: bool
) -> None:
    """Write a report of run folders, or of folders that hold runs.

    The page has both languages, light and dark, and loads nothing from elsewhere: it can be mailed,
    handed in, and printed to PDF from a browser.
    """
    from hoiquy.report.figures import write_figures
    from hoiquy.report.gathering import gather
    from hoiquy.workflows.report import report as write_report

    def say(line: str) -> None:
        if not quiet or line.startswith("skipped"):
            click.echo(line, err=True)

    click.echo(str(write_report(*paths, out=out, lang=lang, on_note=say)))
    if figures is not None:
        runs = gather(paths).runs
        written = write_figures(runs, figures, lang, lambda name: say(f"drawing {name} …"))
        click.echo(f"{figures}: {len(written)} figures")
