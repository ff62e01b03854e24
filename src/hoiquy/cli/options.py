"""Options that several commands share."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from hoiquy.messages import default_language

Command = TypeVar("Command", bound=Callable[..., object])

lang = click.option(
    "--lang",
    type=click.Choice(["vi", "en"]),
    default=default_language,
    show_default="by the locale",
    help="Language of the report and the remarks.",
)
quiet = click.option("--quiet", is_flag=True, help="No progress; only results and errors.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
log = click.option(
    "--log",
    "log",
    multiple=True,
    metavar="tensorboard=DIR|mlflow=DIR|URI",
    help="Show the training in TensorBoard or MLflow as well; may be repeated.",
)
checkpoint_minutes = click.option(
    "--checkpoint-minutes",
    type=click.FloatRange(min=0),
    default=5.0,
    show_default=True,
    help="Save where the training stands this often within an epoch, and after each epoch.",
)
engine = click.option(
    "--engine",
    type=click.Choice(["hoiquy", "keras"]),
    default="hoiquy",
    show_default=True,
    help="Train with hoiquy, or the same recipe with real Keras (pip install 'hoiquy[keras]').",
)

ray = click.option(
    "--ray",
    metavar="auto|HOST:PORT",
    help="Work on several at once with Ray: on this machine, or in the cluster with this head "
    "(pip install 'hoiquy[ray]').",
)
workers = click.option(
    "--workers",
    type=click.IntRange(min=1),
    show_default="the processors",
    help="With --ray: at once, each with one thread.",
)

training_ray = click.option(
    "--ray",
    metavar="auto|HOST:PORT",
    help="Share each batch between Ray actors, with the same result: on this machine, or in the "
    "cluster with this head (pip install 'hoiquy[ray]').",
)
training_workers = click.option(
    "--workers",
    type=click.IntRange(min=1),
    show_default="one for each machine",
    help="With --ray: the number of actors. Without it, training uses HOIQUY_THREADS threads.",
)

out_to_go_on_in = click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="A new folder, or one to go on in.",
)
all_rows = click.option(
    "--all-rows",
    is_flag=True,
    help="Read all rows of a table with labels, also those that `hoiquy train` would test on.",
)

text_column = click.option("--text", metavar="COLUMN", help="A table's column with the text.")
label_column = click.option(
    "--label",
    metavar="COLUMN[,COLUMN…]",
    multiple=True,
    callback=lambda context, option, names: ",".join(names) or None,
    help="A table's column with the label; several columns hold 0 and 1 for a label each.",
)
label_separator = click.option(
    "--label-separator",
    metavar="TEXT",
    help="What is between the labels in a cell, where a row may have several, or none.",
)
encoding = click.option(
    "--encoding", metavar="NAME", help="Of a text file, such as cp1258, unless it is UTF-8."
)
skip_bad_rows = click.option(
    "--skip-bad-rows", is_flag=True, help="Go on without the rows that cannot be read."
)
header = click.option(
    "--header",
    type=click.Choice(["auto", "yes", "no"]),
    default="auto",
    show_default=True,
    help="Whether the first row of CSV, TSV or Excel holds the column names.",
)
quoting = click.option(
    "--quoting",
    type=click.Choice(["auto", "standard", "backslash", "none"]),
    default="auto",
    show_default=True,
    help='Quotes in CSV and TSV: doubled inside a quoted cell, escaped as \\", or plain text.',
)
_TABLE = click.Path(path_type=Path)
test_file = click.option(
    "--test", "test", type=_TABLE, metavar="FILE", help="A table to test on, instead of a fifth."
)
validation_file = click.option(
    "--validation", "validation", type=_TABLE, metavar="FILE", help="A table to validate on."
)


def table(command: Command) -> Command:
    """The options of a table of labelled texts, which the command gets as `table`."""
    return _grouped(command, label_separator, label_column)


def unlabelled_table(command: Command) -> Command:
    """The options of a table of texts, which the command gets as `table`."""
    return _grouped(command)


def _grouped(command: Command, *more: Callable[[Any], Any]) -> Command:
    @wraps(command)
    def grouped(
        *args: Any,
        text: str | None,
        encoding: str | None,
        header: str,
        quoting: str,
        skip_bad_rows: bool,
        label: str | None = None,
        label_separator: str | None = None,
        **others: Any,
    ) -> Any:
        from hoiquy.data import TableOptions

        chosen = TableOptions(
            text,
            label,
            encoding,
            skip_bad_rows,
            None if header == "auto" else header,
            None if quoting == "auto" else quoting,
            label_separator,
        )
        return command(*args, table=chosen, **others)

    decorated: Any = grouped
    for option in (skip_bad_rows, quoting, header, encoding, *more, text_column):
        decorated = option(decorated)
    return cast(Command, decorated)


def check_workers(ray: str | None, workers: int | None) -> None:
    """Raise UsageError for workers of nobody."""
    if workers is not None and ray is None:
        raise click.UsageError("--workers is for --ray: say --ray auto as well")


def examples(*lines: str) -> str:
    """An epilog that shows example commands, one a line."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def read_settings(
    context: click.Context, parameter: click.Parameter, settings: tuple[str, ...]
) -> dict[str, Any]:
    """`--set` as a mapping. Raises RecipeError."""
    from hoiquy.recipe.overrides import parse_settings

    return parse_settings(settings)


def settings(example: str) -> Callable[[Command], Command]:
    """`--set KEY=VALUE`, with an example of one."""
    return click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="KEY=VALUE",
        callback=read_settings,
        help=f"Change the recipe, as {example}; may be repeated.",
    )
