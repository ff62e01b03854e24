"""`hoiquy self-train`: train on labelled and pseudo-labelled texts in iterations."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hoiquy.cli import options

if TYPE_CHECKING:
    from hoiquy.data import TableOptions
    from hoiquy.messages import Lang


@click.command(
    "self-train",
    epilog=options.examples(
        "hoiquy self-train imdb imdb-unlabelled --out runs/best",
        "hoiquy self-train reviews.csv crawl.txt --recipe fast --iterations 2 --out runs/mine",
    ),
)
@click.argument("data")
@click.argument("texts", nargs=-1, required=True, metavar="TEXT...")
@click.option(
    "--recipe",
    default="best",
    show_default=True,
    metavar="NAME|FILE.toml",
    help="Recipe of every network (see `hoiquy recipes`).",
)
@click.option(
    "--iterations",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How many times the texts are labelled and trained on.",
)
@options.settings("training.seed=2")
@options.out_or_continue
@options.table
@options.test_file
@options.validation_file
@options.checkpoint_minutes
@options.log
@options.lang
@options.as_json
@options.quiet
def self_train(
    data: str,
    texts: tuple[str, ...],
    recipe: str,
    iterations: int,
    settings: dict[str, Any],
    out: Path,
    table: "TableOptions",
    test: Path | None,
    validation: Path | None,
    checkpoint_minutes: float,
    log: tuple[str, ...],
    lang: "Lang",
    as_json: bool,
    quiet: bool,
) -> None:
    """Train on labelled and pseudo-labelled texts.

    A first network is trained on DATA as by `hoiquy train`. In each iteration the last network and
    NB-SVM label every TEXT, and a new network is trained on DATA and these texts. TEXT is as for
    `hoiquy pretrain`. The final network is the run OUT/run-ITERATIONS.

    Ctrl-C saves and stops. Rerun the same command to continue, also after a crash, to the same
    weights.
    """
    from hoiquy.callbacks.terminal.progress import TrainingProgress
    from hoiquy.cli.finished import show_finished
    from hoiquy.cli.stopping import resumable
    from hoiquy.runs.command_line import command_line
    from hoiquy.workflows import self_train as self_training

    with TrainingProgress(quiet, lang) as progress, resumable(out, shlex.join(command_line())):
        run = self_training.self_train(
            data, list(texts), recipe, out, iterations=iterations, settings=settings,
            options=table, test=test, validation=validation, on_event=progress,
            checkpoint_seconds=60 * checkpoint_minutes, log=log,
        )  # fmt: skip
    show_finished(run, lang, as_json, quiet)
