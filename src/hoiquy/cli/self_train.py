"""`hoiquy self-train`: from labelled documents and texts without labels, in rounds."""

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
        "hoiquy self-train reviews.csv crawl.txt --recipe fast --rounds 2 --out runs/mine",
    ),
)
@click.argument("data")
@click.argument("texts", nargs=-1, required=True, metavar="TEXT...")
@click.option(
    "--recipe",
    default="best",
    show_default=True,
    metavar="NAME|FILE.toml",
    help="Of the network in each round; see `hoiquy recipes`.",
)
@click.option(
    "--rounds",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How often the texts are labelled anew and learnt from.",
)
@options.settings("training.seed=2")
@options.out_to_go_on_in
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
    rounds: int,
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
    """Train on DATA as `hoiquy train` does, and in rounds also on each TEXT, which has no labels:
    the network so far and NB-SVM say what they think of it, and the next network learns from that.

    TEXT is what `hoiquy pretrain` reads. The network is OUT/run-ROUNDS, an ordinary run.

    Ctrl-C saves and stops; the same command goes on, also after a crash, to the very same weights.
    """
    from hoiquy.cli.finished import show_finished
    from hoiquy.cli.progress import TrainingProgress
    from hoiquy.cli.stopping import resumable
    from hoiquy.runs.environment import command_line
    from hoiquy.workflows import self_train as self_training

    with TrainingProgress(quiet, lang) as progress, resumable(out, shlex.join(command_line())):
        run = self_training.self_train(
            data, list(texts), recipe, out, iterations=rounds, settings=settings,
            options=table,
            test=test, validation=validation, on_event=progress,
            checkpoint_seconds=60 * checkpoint_minutes, log=log,
        )  # fmt: skip
    show_finished(run, lang, as_json, quiet)
