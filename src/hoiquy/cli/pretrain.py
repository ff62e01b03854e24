"""`hoiquy pretrain`: train a language model on unlabelled texts."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hoiquy.cli import options
from hoiquy.messages import translated

if TYPE_CHECKING:
    from hoiquy.data import TableOptions


@click.command(
    epilog=options.examples(
        "hoiquy pretrain imdb imdb-unlabelled --minutes 90 --out lm",
        "hoiquy pretrain more.txt --from lm --minutes 30 --out lm2",
        "hoiquy pretrain reviews.csv news.txt --recipe my.toml --out lm",
        "zcat corpus.gz | hoiquy pretrain - --recipe my.toml --out lm",
        "hoiquy train reviews.csv --from lm --out runs/mine",
    )
)
@click.argument("texts", nargs=-1, required=True, metavar="TEXT...")
@click.option(
    "--recipe",
    metavar="NAME|FILE.toml",
    show_default="lm, in sizes that fit --minutes",
    help="Recipe whose [text], embedding, first recurrent layer and [pretraining] are used.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    help="Time budget in minutes, by which the size and the steps are planned.",
)
@click.option(
    "--from",
    "language_model",
    type=click.Path(path_type=Path),
    metavar="LM",
    help="Continue from another language model, with its words, sizes and weights.",
)
@options.settings("pretraining.epochs=2")
@options.out_or_continue
@options.table
@options.all_rows
@options.checkpoint_minutes
@options.as_json
@options.quiet
def pretrain(
    texts: tuple[str, ...],
    recipe: str | None,
    minutes: float | None,
    language_model: Path | None,
    settings: dict[str, Any],
    out: Path,
    table: "TableOptions",
    all_rows: bool,
    checkpoint_minutes: float,
    as_json: bool,
    quiet: bool,
) -> None:
    """Train a language model on unlabelled texts.

    `hoiquy train --from` starts from it. TEXT is a data set's name (only its training documents are
    read); imdb-unlabelled, 50,000 reviews without labels; a table, a file with one text per line,
    or - for standard input; a folder with a subfolder for each class; or a folder or archive in the
    layout of aclImdb, of which train/neg, train/pos and train/unsup are read. Rows of a labelled
    table that `hoiquy train` would test on are left out.

    Ctrl-C saves and stops. Rerun the same command to continue, also after a crash, to the same
    weights.
    """
    import json
    import shlex
    from dataclasses import asdict

    from hoiquy.callbacks.terminal.progress import TrainingProgress
    from hoiquy.cli.stopping import resumable
    from hoiquy.runs.command_line import command_line
    from hoiquy.workflows.pretraining.pretrain import pretrain as train_language_model

    with TrainingProgress(quiet) as progress, resumable(out, shlex.join(command_line())):
        model = train_language_model(
            list(texts), recipe, out, settings=settings, minutes=minutes,
            language_model=language_model, all_rows=all_rows, options=table,
            on_event=progress, checkpoint_seconds=60 * checkpoint_minutes,
        )  # fmt: skip
    result = model.result
    if as_json:
        click.echo(json.dumps(asdict(result), ensure_ascii=False))
        return
    line = (
        f"perplexity {result.perplexity:,.1f} on {result.held_out_documents:,} held-out documents, "
        f"trained on {result.tokens:,} tokens of {result.documents:,} documents, {out}"
    )
    click.echo(translated(line))
