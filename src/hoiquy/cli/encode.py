"""`hoiquy encode`: a data set as numbers, once, for any number of trainings."""

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
    help="Its [text] and data.validation_fraction are used.",
)
@options.settings("text.num_words=20000")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new folder.")
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
    """Turn the documents of DATA into numbers, as RECIPE says, and keep them in a token store,
    which `hoiquy train` takes in place of DATA: it encodes nothing then, and gives the same bits.

    Much text is read by as many processes as there are processors (HOIQUY_THREADS). DATA may be
    larger than memory. Ctrl-C stops and leaves nothing; a store that was cut off is begun anew.
    """
    from dataclasses import asdict

    from hoiquy.cli.progress import TrainingProgress
    from hoiquy.cli.stopping import nothing_kept
    from hoiquy.messages import text as say
    from hoiquy.runs.environment import command_line
    from hoiquy.workflows.encode import encode as encode_data

    begun = time.perf_counter()
    command = shlex.join(command_line())
    with TrainingProgress(quiet, lang) as progress, nothing_kept(command):
        facts = encode_data(
            data, recipe, out, settings=settings, test=test, validation=validation,
            options=table,
            on_event=progress,
        )  # fmt: skip
    seconds = time.perf_counter() - begun
    if as_json:
        click.echo(json.dumps(asdict(facts) | {"seconds": seconds}, ensure_ascii=False))
        return
    done = say(
        "store.done", lang, documents=facts.documents, tokens=facts.tokens,
        speed=round(facts.documents / seconds), folder=str(out),
    )  # fmt: skip
    click.echo(done)
