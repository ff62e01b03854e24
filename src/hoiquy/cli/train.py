"""`hoiquy train`: train a recipe on a data set into a run folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hoiquy.cli import options

if TYPE_CHECKING:
    from hoiquy.data import TableOptions
    from hoiquy.messages import Lang
    from hoiquy.runs.ensemble import Metric
    from hoiquy.workflows.run_start import Engine


@click.command(
    epilog=options.examples(
        "hoiquy train reviews.csv --minutes 5 --out runs/mine",
        "hoiquy train reviews.csv --minutes 5 --metric macro_f1 --out runs/mine",
        "hoiquy train reviews.csv --unlabelled crawl.txt --minutes 30 --out runs/mine",
        "hoiquy train imdb --recipe best --unlabelled imdb-unlabelled --out runs/best",
        "hoiquy train imdb-train --recipe bai3-quick --out runs/first",
        "hoiquy train reviews.csv --recipe bai3 --text review --label stars --out runs/mine",
        "hoiquy train aclImdb --recipe bai5 --set training.epochs=5 --out runs/gru",
        "hoiquy train imdb --recipe bai3 --engine keras --out runs/keras",
        "hoiquy train reviews.csv --from lm --out runs/mine",
        "hoiquy train reviews.csv --vectors cc.en.300.vec.gz --out runs/mine",
        "hoiquy train reviews.csv --recipe fast --soft-labels soft-labels --out runs/student",
        "hoiquy train imdb-train --recipe bai5-quick --out runs/gru --log tensorboard=tb",
        "hoiquy train imdb --recipe bai3 --ray 10.0.0.1:6379 --workers 4 --out runs/bai3",
    )
)
@click.argument("data")
@click.option(
    "--recipe",
    default="auto",
    show_default=True,
    metavar="NAME|FILE.toml",
    help="Built-in recipe or TOML file (see `hoiquy recipes`); auto chooses by the data.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    help="Time budget in minutes: auto sizes the network for it, and training stops in time.",
)
@click.option(
    "--metric",
    type=click.Choice(["accuracy", "macro_f1", "log_loss"]),
    default="accuracy",
    show_default=True,
    help="What the ensemble of auto aims at.",
)
@click.option(
    "--small",
    is_flag=True,
    help="Instead of the ensemble of auto, train a linear classifier of at most 6 MB.",
)
@options.settings("training.epochs=5")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Run folder to create.")
@click.option(
    "--from",
    "language_model",
    type=click.Path(path_type=Path),
    metavar="LM",
    help="Start from a language model of `hoiquy pretrain`; auto is then its recipe.",
)
@click.option(
    "--soft-labels",
    type=click.Path(path_type=Path),
    metavar="SOFT_LABELS",
    help="Also train on the pseudo-labelled texts of `hoiquy pseudo-label`.",
)
@click.option(
    "--vectors",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Start from word vectors: word2vec, GloVe, fastText .vec or .bin; also .gz.",
)
@click.option(
    "--unlabelled",
    multiple=True,
    metavar="TEXT",
    help="Also learn from texts without labels, as for `hoiquy pretrain`; may be repeated.",
)
@options.table
@options.test_file
@options.validation_file
@options.engine
@options.checkpoint_minutes
@options.training_ray
@options.training_workers
@options.log
@options.lang
@options.as_json
@options.quiet
def train(
    data: str,
    recipe: str,
    minutes: float | None,
    metric: "Metric",
    small: bool,
    settings: dict[str, Any],
    out: Path,
    language_model: Path | None,
    soft_labels: Path | None,
    vectors: Path | None,
    unlabelled: tuple[str, ...],
    table: "TableOptions",
    test: Path | None,
    validation: Path | None,
    engine: "Engine",
    checkpoint_minutes: float,
    workers: int | None,
    ray: str | None,
    log: tuple[str, ...],
    lang: "Lang",
    as_json: bool,
    quiet: bool,
) -> None:
    """Train a network on labelled texts.

    DATA is a data set's name, a table (CSV, JSON, Parquet, Arrow, Excel), a folder with a subfolder
    for each class, or a folder or archive of reviews.

    Ctrl-C saves and stops. `hoiquy resume` continues, also after a crash, to the same weights.
    """
    from hoiquy.callbacks.terminal.progress import TrainingProgress
    from hoiquy.cli.finished import show_finished
    from hoiquy.cli.stopping import resumable
    from hoiquy.messages import set_language
    from hoiquy.workflows import train as train_run

    set_language(lang)  # of the loggers' figures
    with TrainingProgress(quiet, lang) as progress, resumable(out):
        run = train_run.train(
            data, recipe, out, settings=settings, minutes=minutes,
            metric=metric, small=small, options=table,
            test=test, validation=validation, engine=engine, on_event=progress, log=log,
            checkpoint_seconds=60 * checkpoint_minutes,
            language_model=language_model, soft_labels=soft_labels, vectors=vectors,
            unlabelled=list(unlabelled) or None,
            workers=workers, ray=ray,
        )  # fmt: skip
    show_finished(run, lang, as_json, quiet)
