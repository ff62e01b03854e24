"""`hoiquy search`: search for better settings of a recipe."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoiquy.cli import options

if TYPE_CHECKING:
    from collections.abc import Callable

    from hoiquy.data import TableOptions
    from hoiquy.messages import Lang
    from hoiquy.workflows.search.results import Found
    from hoiquy.workflows.search.study import OnTrial, Trial

_SHOWN = 5  # best trials


@click.command(
    epilog=options.examples(
        "hoiquy search reviews.csv --space space.toml --recipe fast --out searched",
        "hoiquy search imdb --space space.toml --trials 50 --minutes 480 --out searched",
        "hoiquy search imdb --space space.toml --storage postgresql+psycopg://user@host/db "
        "--out shared",
        "hoiquy search reviews.csv --space space.toml --out searched --ray auto --workers 4",
        "hoiquy train reviews.csv --recipe searched/best.toml --out runs/mine",
    )
)
@click.argument("data")
@click.option(
    "--space",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE.toml",
    help="Search space: the settings to vary, and the sampler.",
)
@click.option(
    "--recipe",
    metavar="NAME|FILE.toml",
    help="Recipe to vary (default: the one in the space, else auto).",
)
@click.option(
    "--trials",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Total number of trials, including pruned ones and those of other workers.",
)
@click.option(
    "--seeds",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    help="Runs of the best and of the original recipe to compare, with new seeds; 0 for none.",
)
@click.option(
    "--storage", metavar="URL", help="Database shared by several workers, such as PostgreSQL."
)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    help="Time budget in minutes for the trials; the comparison comes after it.",
)
@options.ray
@options.workers
@options.out_or_continue
@options.table
@options.test_file
@options.validation_file
@options.checkpoint_minutes
@options.lang
@options.as_json
@options.quiet
def search(
    data: str,
    space: Path,
    recipe: str | None,
    trials: int,
    seeds: int,
    storage: str | None,
    minutes: float | None,
    ray: str | None,
    workers: int | None,
    out: Path,
    table: "TableOptions",
    test: Path | None,
    validation: Path | None,
    checkpoint_minutes: float,
    lang: "Lang",
    as_json: bool,
    quiet: bool,
) -> None:
    """Search for better settings of a recipe.

    DATA is as for `hoiquy train`. Each trial is a run in OUT/trials, ranked by validation accuracy.
    The best recipe is then compared with the original one; only this comparison uses the test
    documents.

    Ctrl-C saves and stops; rerun the same command to continue, also after a crash. Several commands
    with the same --out share the trials. Requires Optuna: pip install 'hoiquy[search]'.
    """
    import json

    from hoiquy.callbacks.terminal.progress import TrainingProgress
    from hoiquy.cli.stopping import resumable
    from hoiquy.runs.command_line import command_line
    from hoiquy.workflows.search.search import search as find

    options.check_workers(ray, workers)
    with TrainingProgress(quiet, lang) as progress, resumable(out, shlex.join(command_line())):
        found = find(
            data, space, out, recipe=recipe, trials=trials, seeds=seeds, storage=storage,
            minutes=minutes,
            options=table,
            test=test, validation=validation, on_event=progress,
            on_trial=_trial_printer(progress.say, trials, lang),
            checkpoint_seconds=60 * checkpoint_minutes, lang=lang, ray=ray, workers=workers,
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps(found.facts(), ensure_ascii=False))
        return
    _print_best(found, lang)
    _print_end(found, lang)


def _trial_printer(say: "Callable[[str], None]", total: int, lang: "Lang") -> "OnTrial":
    """Return a callback that prints the start and end of each trial and the best value so far."""

    def print_trial(trial: "Trial", best: "Trial | None") -> None:
        if trial.state == "running":
            line = _say(
                "begins", lang, number=trial.number, total=total, what=_settings(trial, lang)
            )
        elif trial.state == "pruned":
            reason = trial.reason or _say("pruned_by_pruner", lang)
            line = _say("ends_pruned", lang, number=trial.number, reason=reason)
        else:
            best = best or trial
            line = _say(
                "ends", lang, number=trial.number, value=trial.value, best=best.value,
                best_number=best.number,
            )  # fmt: skip
        say(line)

    return print_trial


def _settings(trial: "Trial", lang: "Lang") -> str:
    from hoiquy.workflows.search.figures import shown_value

    return ", ".join(f"{key} = {shown_value(one, lang)}" for key, one in trial.parameters.items())


def _print_best(found: "Found", lang: "Lang") -> None:
    """Print the best trials and the importance of each parameter."""
    from rich.markup import escape
    from rich.table import Table

    from hoiquy.cli.console import table_console
    from hoiquy.messages import format_number
    from hoiquy.workflows.search.figures import shown_value

    console = table_console()
    table = Table(_say("trial", lang), _say("accuracy", lang))
    for key in found.best.parameters:
        table.add_column(escape(key), justify="right", overflow="fold")
    for trial in found.ranked()[:_SHOWN]:
        cells = [escape(shown_value(one, lang)) for one in trial.parameters.values()]
        accuracy = format_number(trial.value or 0, "percent2", lang)
        table.add_row(str(trial.number), accuracy, *cells)
    console.print(table)
    for name, share in found.importances.items():
        console.print(_say("share", lang, name=name, share=share), markup=False)


def _print_end(found: "Found", lang: "Lang") -> None:
    """Print how the best recipe compares with the original, and its folder."""
    from hoiquy.report.comparison_table import verdict_lines

    states = [trial.state for trial in found.trials]
    counts = {"complete": states.count("complete"), "pruned": states.count("pruned")}
    click.echo(_say("counted", lang, **counts))
    waiting = states.count("running") - found.under_way
    if waiting:
        click.echo(_say("waiting", lang, count=waiting))
    if found.under_way:
        click.echo(_say("under_way", lang, count=found.under_way))
        return
    if found.failed is not None:
        click.echo(_say("failed", lang, reason=found.failed, name=found.recipe.name))
    if found.comparison is not None:
        for line in verdict_lines(found.comparison, lang)[0]:
            click.echo(line)
        verdict = "is_better" if found.better else "is_not_better"
        click.echo(_say(verdict, lang, name=found.recipe.name, base=found.base.name))
    click.echo(_say("done", lang, folder=str(found.folder)))


def _say(key: str, lang: "Lang", **values: object) -> str:
    from hoiquy.messages import text

    return text(f"search.{key}", lang, **values)
