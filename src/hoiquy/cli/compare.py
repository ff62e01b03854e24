"""`hoiquy compare`: compare networks and baselines on the same test documents."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hoiquy.cli import options

if TYPE_CHECKING:
    from hoiquy.comparison import Comparison
    from hoiquy.messages import Lang
    from hoiquy.workflows.run_start import Engine


@click.command(
    epilog=options.examples(
        "hoiquy compare runs/lstm runs/gru",
        "hoiquy compare lab-full --out comparison --lang vi",
        "hoiquy compare --recipe bai3-quick --recipe bai5-quick --seeds 3 --data imdb-train "
        "--out seeds",
        "hoiquy compare --recipe bai3-quick --recipe bai5-quick --data imdb-train --out seeds "
        "--ray auto",
    )
)
@click.argument("runs", metavar="[RUN|FOLDER]…", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--recipe",
    "recipes",
    multiple=True,
    metavar="NAME|FILE.toml",
    help="Recipe to train and compare; may be repeated.",
)
@click.option("--seeds", type=click.IntRange(min=1), help="Runs per recipe (default: 3).")
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", callback=options.read_settings,
    help="Change a setting of all recipes, such as training.epochs=5; may be repeated.",
)  # fmt: skip
@click.option("--data", metavar="NAME|PATH", help="Data set; for runs only if theirs moved.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR",
    help="Folder for comparison.json, comparison.md, baselines and runs.",
)  # fmt: skip
@click.option("--no-baselines", is_flag=True, help="Compare only the networks.")
@options.engine
@options.ray
@options.workers
@options.log
@options.lang
@options.as_json
@options.quiet
def compare(
    runs: tuple[Path, ...],
    recipes: tuple[str, ...],
    seeds: int | None,
    settings: dict[str, Any],
    data: str | None,
    out: Path | None,
    no_baselines: bool,
    engine: "Engine",
    ray: str | None,
    workers: int | None,
    log: tuple[str, ...],
    lang: "Lang",
    as_json: bool,
    quiet: bool,
) -> None:
    """Compare networks and baselines statistically.

    Give runs or folders of runs, or train recipes with --recipe, several runs each. All are scored
    on the same test documents. Finished runs in --out are kept and interrupted ones are continued.
    Runs that differ only in the seed count as one network.
    """
    from hoiquy.callbacks.terminal.progress import TrainingProgress
    from hoiquy.cli.stopping import RERUN, exit_code_of
    from hoiquy.errors import StoppedError
    from hoiquy.report.comparison_report import write_comparison
    from hoiquy.workflows.compare import SEEDS
    from hoiquy.workflows.compare import compare as compare_all

    _check_usage(runs, recipes, bool(seeds or settings or log or ray), data, out)
    options.check_workers(ray, workers)
    with TrainingProgress(quiet, lang) as progress:
        try:
            comparison = compare_all(
                *runs, recipes=recipes, data=data, seeds=seeds or SEEDS, settings=settings,
                out=out, baselines=not no_baselines, engine=engine, on_event=progress,
                on_note=progress.say, log=log,
                ray=ray, workers=workers,
            )  # fmt: skip
        except (KeyboardInterrupt, StoppedError) as stop:
            raise StoppedError(RERUN, exit_code_of(stop)) from stop
    written = write_comparison(comparison, out, lang) if out else []
    if as_json:
        click.echo(comparison.to_json())
        return
    _print_comparison(comparison, lang)
    if written:
        click.echo("\n" + "\n".join(map(str, written)))


def _check_usage(
    runs: tuple[Path, ...], recipes: tuple[str, ...], training: bool, data: str | None,
    out: Path | None,
) -> None:  # fmt: skip
    """Raises UsageError for options that do not go together."""
    if not runs and not recipes:
        raise click.UsageError("give runs or folders of runs, or --recipe to train some")
    if runs and recipes:
        raise click.UsageError(
            "give either runs or --recipe: train the recipes first, then compare all runs"
        )
    if runs and training:
        raise click.UsageError("--seeds, --set, --log and --ray require --recipe")
    if recipes and (data is None or out is None):
        missing = " and ".join(name for name, at in (("--data", data), ("--out", out)) if not at)
        raise click.UsageError(f"--recipe requires {missing}")


def _print_comparison(comparison: "Comparison", lang: "Lang") -> None:
    from rich.table import Table
    from rich.text import Text

    from hoiquy.cli.console import table_console
    from hoiquy.report.comparison_table import (
        candidate_table,
        legend,
        pair_table,
        verdict_lines,
    )

    console = table_console()
    for header, rows in (candidate_table(comparison, lang), pair_table(comparison, lang)):
        table = Table(*header)
        for row in rows:
            table.add_row(*map(Text, row))  # a recipe may be called [bold]
        console.print(table)
    for line in legend(comparison, lang):
        console.print(line, markup=False, style="dim")
    sentences, scopes = verdict_lines(comparison, lang)
    console.print()
    for sentence in sentences:
        console.print(f"• {sentence}", markup=False)
    console.print()
    for scope in scopes:
        console.print(scope, markup=False)
