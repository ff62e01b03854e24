"""`hoiquy pretrain`: a language model from texts without labels, into a folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hoiquy.cli import options

if TYPE_CHECKING:
    from hoiquy.data import TableOptions


@click.command(
    epilog=options.examples(
        "hoiquy pretrain imdb imdb-unlabelled --out lm",
        "hoiquy pretrain reviews.csv news.txt --recipe my.toml --out lm",
        "zcat corpus.gz | hoiquy pretrain - --recipe my.toml --out lm",
        "hoiquy train reviews.csv --from lm --out runs/mine",
    )
)
@click.argument("texts", nargs=-1, required=True, metavar="TEXT...")
@click.option(
    "--recipe",
    default="best",
    show_default=True,
    metavar="NAME|FILE.toml",
    help="Its text rules, embedding, first recurrent layer and [pretraining] are used.",
)
@options.settings("pretraining.epochs=2")
@options.out_to_go_on_in
@options.table
@options.all_rows
@options.checkpoint_minutes
@options.as_json
@options.quiet
def pretrain(
    texts: tuple[str, ...],
    recipe: str,
    settings: dict[str, Any],
    out: Path,
    table: "TableOptions",
    all_rows: bool,
    checkpoint_minutes: float,
    as_json: bool,
    quiet: bool,
) -> None:
    """Learn a language model from each TEXT, for `hoiquy train --from` to begin with.

    TEXT is a data set's name, of which only the TRAINING documents are read, never the test
    documents; imdb-unlabelled, the 50,000 reviews without a label; a table, a file with one
    document a line, or - for standard input; a folder for each class; or a folder or archive in the
    layout of aclImdb, of which train/neg, train/pos and train/unsup are read. Of a table with a
    label column, the rows that `hoiquy train` would test on are left out.

    Ctrl-C saves and stops; the same command goes on, also after a crash, to the very same weights.
    """
    import json
    import shlex
    from dataclasses import asdict

    from hoiquy.cli.progress import TrainingProgress
    from hoiquy.cli.stopping import resumable
    from hoiquy.runs.environment import command_line
    from hoiquy.workflows.pretraining.pretrain import pretrain as learn

    with TrainingProgress(quiet) as progress, resumable(out, shlex.join(command_line())):
        model = learn(
            list(texts), recipe, out, settings=settings, all_rows=all_rows,
            options=table,
            on_event=progress, checkpoint_seconds=60 * checkpoint_minutes,
        )  # fmt: skip
    result = model.result
    if as_json:
        click.echo(json.dumps(asdict(result), ensure_ascii=False))
        return
    click.echo(
        f"perplexity {result.perplexity:,.1f} on {result.held_out_documents:,} held-out documents, "
        f"{result.tokens:,} tokens of {result.documents:,} documents learnt from, {out}"
    )
