"""`hoiquy encode`: write the token indices of a data set, for many trainings."""

import json
import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hoiquy.cli import options

if TYPE_CHECKING:
    from hoiquy.data import TableOptions
    from hoiquy.messages import Lang


@click.command(
    epilog=options.examples(
        "hoiquy encode reviews.parquet --recipe fast --out store",
        "hoiquy train store --recipe fast --out runs/fast",
        "hoiquy train store --recipe fast --set training.seed=2 --out runs/fast-2",
    )
)
@click.argument("data")
@click.option(
    "--recipe",
    required=True,
    metavar="NAME|FILE.toml",
    help="Recipe whose [text] and data.validation_fraction are used.",
)
@options.settings("text.num_words=20000")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to create.")
@options.table
@options.test_file
@options.validation_file
@options.lang
@options.as_json
@options.quiet
def encode(
    data: str,
    recipe: str,
    settings: dict[str, Any],
    out: Path,
    table: "TableOptions",
    test: Path | None,
    validation: Path | None,
    lang: "Lang",
    as_json: bool,
    quiet: bool,
) -> None:
    """Encode a data set once for many trainings.

    The token indices of DATA are written to a token store, which `hoiquy train` takes in place of
    DATA, with the same results. DATA may be larger than memory; large data is read by one process
    per processor (HOIQUY_THREADS). Ctrl-C stops and leaves nothing; an unfinished store is started
    over.
    """
    from dataclasses import asdict

    from hoiquy.callbacks.terminal.progress import TrainingProgress
    from hoiquy.cli.stopping import nothing_kept
    from hoiquy.messages import text as say
    from hoiquy.runs.command_line import command_line
    from hoiquy.workflows.encode import encode as encode_data

    start = time.perf_counter()
    with TrainingProgress(quiet, lang) as progress, nothing_kept(shlex.join(command_line())):
        facts = encode_data(
            data, recipe, out, settings=settings, test=test, validation=validation,
            options=table,
            on_event=progress,
        )  # fmt: skip
    seconds = time.perf_counter() - start
    if as_json:
        click.echo(json.dumps(asdict(facts) | {"seconds": seconds}, ensure_ascii=False))
        return
    done = say(
        "store.done", lang, documents=facts.documents, tokens=facts.tokens,
        speed=round(facts.documents / seconds), folder=str(out),
    )  # fmt: skip
    click.echo(done)
