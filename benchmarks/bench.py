"""`hoiquy bench`: how fast hoiquy is, alone or side by side with other libraries."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoiquy.cli import options
from hoiquy.errors import HoiquyError, StoppedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hoiquy.bench.cases import Case
    from hoiquy.bench.peers import Peer
    from hoiquy.bench.results import CaseResult, Results
    from hoiquy.bench.rounds import Method
    from rich.console import Console

_WHATS = ("training", "layers", "inference", "sizes")


@click.command(
    epilog=options.examples(
        "hoiquy bench",
        "hoiquy bench --against keras-jax --recipe bai3 --recipe bai5",
        "hoiquy bench --against all --what all --out bench",
    )
)
@click.option(
    "--against",
    multiple=True,
    metavar="NAME",
    help="keras-tensorflow, keras-jax, torch, onnxruntime or all; may be repeated. Each is "
    "installed once into an environment of its own in the user's cache.",
)
@click.option(
    "--recipe",
    multiple=True,
    metavar="NAME|FILE",
    show_default="bai1 … bai5; inference bai3 and bai5",
    help="What to measure; may be repeated.",
)
@click.option(
    "--what",
    multiple=True,
    type=click.Choice([*_WHATS, "all"]),
    show_default="training and layers",
    help="training: a step; layers: recurrent layers alone; inference: many documents, and one "
    "at a time; sizes: a step over time steps, batch sizes and units. May be repeated.",
)
@click.option("--rounds", type=click.IntRange(min=1), default=7, show_default=True)
@click.option(
    "--documents",
    type=click.IntRange(min=1),
    default=25_000,
    show_default=True,
    help="Documents of inference in batches.",
)
@click.option(
    "--pause",
    type=click.FloatRange(min=0),
    default=0.3,
    show_default=True,
    metavar="SECONDS",
    help="Before each turn, so that the threads of the one before have gone to sleep.",
)
@click.option("--out", type=click.Path(path_type=Path), default="bench", show_default=True)
@options.as_json
@options.quiet
def bench(
    against: tuple[str, ...],
    recipe: tuple[str, ...],
    what: tuple[str, ...],
    rounds: int,
    documents: int,
    pause: float,
    out: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Measure hoiquy, and with --against other libraries on the same batches in turn.

    Writes every single time to bench.json, the tables to bench.md and charts into the folder OUT.
    """
    from hoiquy.bench.cases import plan_cases
    from hoiquy.bench.peers import find_peers
    from hoiquy.bench.run import empty_results, make_method
    from rich.console import Console

    peers = find_peers(against)
    whats = [name for name in _WHATS if name in what or "all" in what] or ["training", "layers"]
    cases = plan_cases(whats, recipe, peers, documents)
    console = Console(stderr=True, quiet=quiet, highlight=False)
    method = make_method(peers, rounds, pause, partial(_say, console))
    results = empty_results(method)
    try:
        _measure(cases, peers, method, results, out, console)
    except KeyboardInterrupt as stop:
        kept = _finish(results, out, as_json, console)
        raise StoppedError(f"stopped by Ctrl-C; {kept}") from stop
    except HoiquyError:
        _finish(results, out, as_json, console)
        raise
    _finish(results, out, as_json, console)


def _measure(
    cases: "Sequence[Case]",
    peers: "Sequence[Peer]",
    method: "Method",
    results: "Results",
    out: Path,
    console: "Console",
) -> None:
    from hoiquy.bench.report import summary_line, write_measurements
    from hoiquy.bench.run import run_cases

    with console.status("starting") as status:

        def case_done(case: "CaseResult") -> None:
            write_measurements(results, out)
            _say(console, summary_line(case))

        run_cases(cases, peers, method, results, status.update, case_done)


def _finish(results: "Results", out: Path, as_json: bool, console: "Console") -> str:
    """Write and show what was measured; return what is kept, in a few words."""
    from hoiquy.bench.report import write_report

    if not any(case.rounds for case in results.cases):
        return "nothing had been measured yet"
    paths = write_report(results, out)
    if as_json:
        click.echo(results.to_json(), nl=False)
    else:
        _print_tables(results)
    for path in paths:
        _say(console, str(path))
    return f"what was measured is in {out}"


def _print_tables(results: "Results") -> None:
    from hoiquy.bench.table import conditions, tables
    from rich.table import Table

    from hoiquy.cli.console import table_console

    console = table_console(160)
    for table in tables(results):
        shown = Table(*table.header, title=table.title, title_justify="left")
        for row in table.rows:
            shown.add_row(*row)
        console.print(shown)
        if table.note:
            console.print(table.note, markup=False)
        console.print()
    console.print(conditions(results), markup=False)


def _say(console: "Console", line: str) -> None:
    console.print(line, soft_wrap=True, markup=False)
