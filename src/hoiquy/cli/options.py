"""Options that several commands share."""

import click

from hoiquy.messages import default_language

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


def examples(*lines: str) -> str:
    """An epilog that shows example commands, one a line."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
