"""`hoiquy verify`: is a run whole, and does training again give the same bits?"""

import json
from pathlib import Path

import click

from hoiquy.cli import options


@click.command(
    epilog=options.examples("hoiquy verify runs/first", "hoiquy verify runs/first --retrain")
)
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--retrain", is_flag=True, help="Also train again, and compare bit by bit.")
@click.option("--data", metavar="NAME|PATH", help="Where the data set is now, if it has moved.")
@options.as_json
@options.quiet
def verify(run: Path, retrain: bool, data: str | None, as_json: bool, quiet: bool) -> None:
    """Read everything in the folder RUN again and compare it with the hashes that were saved.

    Exit code 1 if something is not as it should be.
    """
    from hoiquy.cli.progress import TrainingProgress
    from hoiquy.workflows import verify as verification

    read, problems = verification.verify(run)
    if retrain and not problems:
        with TrainingProgress(quiet) as progress:
            others = verification.retrain(run, data, progress)
        problems += [f"{run / name}: training again gives other bytes" for name in others]
    if as_json:
        click.echo(json.dumps({"whole": not problems, "read": read, "problems": problems}))
    else:
        for problem in problems:
            click.echo(f"  ✗ {problem}")
        again = ", and training again gives the same bytes" if retrain else ""
        if not problems:
            click.echo(f"{run}: {len(read)} files are as they were saved{again}")
    if problems:
        click.get_current_context().exit(1)
