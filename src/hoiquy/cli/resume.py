"""`hoiquy resume`: continue an interrupted training."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoiquy.cli import options

if TYPE_CHECKING:
    from hoiquy.messages import Lang


@click.command(
    epilog=options.examples(
        "hoiquy resume runs/first",
        "hoiquy resume runs/first --data /elsewhere/aclImdb",
        "hoiquy resume runs/first --ray 10.0.0.1:6379 --workers 2",
    )
)
@click.argument("run", type=click.Path(path_type=Path))
@options.moved_data
@options.moved("--test", "the test table")
@options.moved("--validation", "the validation table")
@click.option(
    "--allow-changes",
    is_flag=True,
    help="Continue although versions, processor or data changed; result.json records it.",
)
@options.checkpoint_minutes
@options.training_ray
@options.training_workers
@options.log
@options.lang
@options.as_json
@options.quiet
def resume(
    run: Path,
    data: str | None,
    test: Path | None,
    validation: Path | None,
    allow_changes: bool,
    checkpoint_minutes: float,
    workers: int | None,
    ray: str | None,
    log: tuple[str, ...],
    lang: "Lang",
    as_json: bool,
    quiet: bool,
) -> None:
    """Continue an interrupted training.

    Training continues in the folder RUN from its newest checkpoint. The final weights are the same
    as without the interruption. A complete run is left as it is.
    """
    from hoiquy.callbacks.loggers import logged
    from hoiquy.callbacks.terminal.progress import TrainingProgress
    from hoiquy.cli.finished import show_finished
    from hoiquy.cli.stopping import resumable
    from hoiquy.messages import text
    from hoiquy.runs.files import RESULT
    from hoiquy.runs.folder import is_unfinished
    from hoiquy.workflows import train as train_run

    was_complete = (run / RESULT).exists() and not is_unfinished(run)
    with (
        TrainingProgress(quiet, lang) as progress,
        resumable(run),
        logged(log, progress, lang) as listener,
    ):
        done = train_run.resume(
            run, data=data, test=test, validation=validation, allow_changes=allow_changes,
            on_event=listener, checkpoint_seconds=60 * checkpoint_minutes, workers=workers, ray=ray,
        )  # fmt: skip
    if was_complete and not quiet:
        click.echo(text("progress.complete_already", lang, run=run), err=True)
    show_finished(done, lang, as_json, quiet)
