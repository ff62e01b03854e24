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
    show_default="from the locale",
    help="Language of reports and messages.",
)
quiet = click.option("--quiet", is_flag=True, help="Print only results and errors.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
log = click.option(
    "--log",
    "log",
    multiple=True,
    metavar="tensorboard=DIR|mlflow=DIR|URI",
    help="Also log to TensorBoard or MLflow; may be repeated.",
)
checkpoint_minutes = click.option(
    "--checkpoint-minutes",
    type=click.FloatRange(min=0),
    default=5.0,
    show_default=True,
    help="Minutes between checkpoints; one is also saved after each epoch.",
)
engine = click.option(
    "--engine",
    type=click.Choice(["hoiquy", "keras"]),
    default="hoiquy",
    show_default=True,
    help="Train with hoiquy or with Keras (pip install 'hoiquy[keras]').",
)

ray = click.option(
    "--ray",
    metavar="auto|HOST:PORT",
    help="Run in parallel on Ray: auto starts it on this machine, HOST:PORT is a cluster's head "
    "(pip install 'hoiquy[ray]').",
)
workers = click.option(
    "--workers",
    type=click.IntRange(min=1),
    show_default="all processors",
    help="Number of parallel Ray workers, one thread each.",
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

author = click.option("--author", default="", metavar="NAME", help="Your name, in the report.")
student_id = click.option(
    "--student-id", default="", metavar="NUMBER", help="Your student number, in the report."
)
class_name = click.option(
    "--class", "class_name", default="", metavar="CLASS", help="Your class, in the report."
)
brief = click.option(
    "--brief", is_flag=True, help="A report of at most ten pages, without appendices."
)

out_or_continue = click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder to create, or to continue in.",
)
all_rows = click.option(
    "--all-rows",
    is_flag=True,
    help="Read all rows of a labelled table, including those `hoiquy train` would test on.",
)

text_column = click.option("--text", metavar="COLUMN", help="Column with the text.")
label_column = click.option(
    "--label",
    metavar="COLUMN[,COLUMN…]",
    multiple=True,
    callback=lambda context, option, names: ",".join(names) or None,
    help="Column with the label, or several columns of 0 and 1, one for each label.",
)
label_separator = click.option(
    "--label-separator",
    metavar="TEXT",
    help="Separator of several labels in one cell.",
)
encoding = click.option(
    "--encoding", metavar="NAME", help="Text file encoding, such as cp1258 (default: UTF-8)."
)
skip_bad_rows = click.option("--skip-bad-rows", is_flag=True, help="Skip rows that cannot be read.")
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
    help='Quotes in CSV and TSV: doubled (standard), \\" (backslash), or plain text (none).',
)
_TABLE = click.Path(path_type=Path)
test_file = click.option(
    "--test", "test", type=_TABLE, metavar="FILE", help="Test table (default: hold out 20%)."
)
validation_file = click.option(
    "--validation",
    "validation",
    type=_TABLE,
    metavar="FILE",
    help="Validation table (default: hold out part of the training rows).",
)


def moved(name: str, what: str, metavar: str = "FILE") -> Callable[[Command], Command]:
    """Return the option `name` for the new location of `what`."""
    kind = _TABLE if metavar == "FILE" else None
    return click.option(
        name, metavar=metavar, type=kind, help=f"New location of {what}, if it moved."
    )


moved_data = moved("--data", "the data set", "NAME|PATH")


def table(command: Command) -> Command:
    """Add the options of a labelled table, passed to the command as `table`."""
    return _grouped(command, label_separator, label_column)


def unlabelled_table(command: Command) -> Command:
    """Add the options of an unlabelled table, passed to the command as `table`."""
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
    """Raise UsageError for --workers without --ray."""
    if workers is not None and ray is None:
        raise click.UsageError("--workers requires --ray: add --ray auto")


def examples(*lines: str) -> str:
    """Return an epilog with example commands, one per line."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def read_settings(
    context: click.Context, parameter: click.Parameter, settings: tuple[str, ...]
) -> dict[str, Any]:
    """`--set` as a mapping. Raises RecipeError."""
    from hoiquy.recipe.overrides import parse_settings

    return parse_settings(settings)


def settings(example: str) -> Callable[[Command], Command]:
    """Return the option `--set KEY=VALUE`; `example` is shown in its help."""
    return click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="KEY=VALUE",
        callback=read_settings,
        help=f"Change a recipe setting, such as {example}; may be repeated.",
    )
