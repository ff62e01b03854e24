"""`hoiquy train`: one recipe on one data set, into a run folder."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoiquy.cli import options

if TYPE_CHECKING:
    from hoiquy.experiment import Engine
    from hoiquy.report.number_format import Lang


@click.command(
    epilog=options.examples(
        "hoiquy train imdb-train --recipe bai3-quick --out runs/first",
        "hoiquy train aclImdb --recipe bai5 --set training.epochs=5 --out runs/gru",
        "hoiquy train imdb --recipe bai3 --engine keras --out runs/keras",
    )
)
@click.argument("data")
@click.option("--recipe", required=True, metavar="NAME|FILE.toml", help="See `hoiquy recipes`.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change the recipe, as training.epochs=5; may be repeated.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new run folder.")
@options.engine
@options.lang
@options.as_json
@options.quiet
def train(
    data: str,
    recipe: str,
    settings: tuple[str, ...],
    out: Path,
    engine: "Engine",
    lang: "Lang",
    as_json: bool,
    quiet: bool,
) -> None:
    """Train a recipe on DATA: a data set's name, or a folder or archive of reviews.

    After every epoch the run folder holds the weights so far.
    """
    from hoiquy import experiment
    from hoiquy.cli.progress import TrainingProgress
    from hoiquy.errors import StoppedError
    from hoiquy.recipe import load_recipe
    from hoiquy.report.curves import draw_learning_curves
    from hoiquy.report.exercises import run_title
    from hoiquy.report.remarks import remarks

    chosen = load_recipe(recipe).with_settings(settings)
    with TrainingProgress(quiet) as progress:
        try:
            run = experiment.train(
                data, chosen, out, engine=engine, on_event=progress,
                command=["hoiquy", *sys.argv[1:]],
            )  # fmt: skip
        except KeyboardInterrupt as stop:
            raise StoppedError(
                f"stopped by Ctrl-C; {out} keeps the weights and history of the finished epochs"
            ) from stop
    title = run_title(run, lang)
    draw_learning_curves(run.history, title, out / "figures", lang)
    if as_json:
        click.echo(json.dumps(asdict(run.result), ensure_ascii=False))
        return
    if not quiet:
        click.echo(run.summary())
    click.echo(f"test accuracy {run.result.test_accuracy:.2%}, {out}")
    for remark in remarks(run):
        click.echo(f"  • {remark.text(lang)}")
