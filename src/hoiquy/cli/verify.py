"""`hoiquy verify`: check the files of a run, and optionally retrain it."""

import json
from pathlib import Path

import click

from hoiquy.cli import options
from hoiquy.messages import translated


@click.command(
    epilog=options.examples("hoiquy verify runs/first", "hoiquy verify runs/first --retrain")
)
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--retrain", is_flag=True, help="Also train again and compare the files byte by byte."
)
@options.moved_data
@options.as_json
@options.quiet
def verify(run: Path, retrain: bool, data: str | None, as_json: bool, quiet: bool) -> None:
    """Check the files of a run; optionally retrain it.

    All files in the folder RUN are compared with their saved hashes. The exit code is 1 if one
    differs.
    """
    from hoiquy.callbacks.terminal.progress import TrainingProgress
    from hoiquy.workflows import verify as verification

    read, problems = verification.verify(run)
    if retrain and not problems:
        with TrainingProgress(quiet) as progress:
            others = verification.retrain(run, data, progress)
        problems += [f"{run / name}: training again gave different bytes" for name in others]
    if as_json:
        click.echo(json.dumps({"ok": not problems, "files": read, "problems": problems}))
    else:
        for problem in problems:
            click.echo(f"  ✗ {translated(problem)}")
        again = "; training again gave the same bytes" if retrain else ""
        if not problems:
            click.echo(translated(f"{run}: {len(read)} files verified{again}"))
    if problems:
        click.get_current_context().exit(1)
