"""`hoiquy lab`: train the five networks of the lab and write a report."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoiquy.cli import options

if TYPE_CHECKING:
    from hoiquy.messages import Lang
    from hoiquy.runs.folder import Run
    from hoiquy.workflows.run_start import Engine

# Of the report's table; these columns fit a terminal.
_TERMINAL_COLUMNS = ("exercise", "train", "validation", "test", "published", "time")


@click.command(
    epilog=options.examples(
        "hoiquy lab --quick",
        "hoiquy lab --data aclImdb_v1.tar.gz --out lab-full --lang vi",
        "hoiquy lab --only bai3 --only bai5 --seeds 3 --out seeds",
        "hoiquy lab --seeds 3 --ray 192.168.0.7:6379 --out /shared/lab",
    )
)
@click.option("--quick", is_flag=True, help="Shorter texts and fewer epochs: minutes, not an hour.")
@click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    help="Run only this exercise, bai1 to bai5; may be repeated.",
)
@click.option(
    "--data",
    metavar="NAME|PATH",
    show_default="imdb; with --quick imdb-train",
    help="A data set's name (see `hoiquy data list`), or a folder or archive of reviews.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), show_default="lab; with --quick lab-quick",
    help="Folder for the runs and the report.",
)  # fmt: skip
@click.option(
    "--seeds", type=click.IntRange(min=1), default=1, show_default=True, help="Runs per exercise."
)
@options.author
@options.student_id
@options.class_name
@options.brief
@options.engine
@options.ray
@options.workers
@options.log
@options.lang
@options.quiet
def lab(
    quick: bool,
    only: tuple[str, ...],
    data: str | None,
    out: Path | None,
    seeds: int,
    author: str,
    student_id: str,
    class_name: str,
    brief: bool,
    engine: "Engine",
    ray: str | None,
    workers: int | None,
    log: tuple[str, ...],
    lang: "Lang",
    quiet: bool,
) -> None:
    """Train the five networks of the lab and write a report.

    The report has the code, curves and remarks of each, and a conclusion. Your own remarks, written
    into my-remarks.txt beside it, are merged when it is made again. Finished exercises are kept:
    run the same command again to continue an interrupted lab.
    """
    from hoiquy.callbacks.loggers import logged
    from hoiquy.callbacks.terminal.progress import TrainingProgress
    from hoiquy.cli.finished import show_next_steps
    from hoiquy.cli.stopping import RERUN, exit_code_of
    from hoiquy.data import load_dataset
    from hoiquy.errors import StoppedError
    from hoiquy.events import reading
    from hoiquy.report.own_words.author import Author
    from hoiquy.training.kernel_compilation import start_compiling
    from hoiquy.training.ray.session import Spread
    from hoiquy.workflows.lab import plan_lab
    from hoiquy.workflows.lab_reports import check_own_words, write_lab_reports
    from hoiquy.workflows.plan import accuracy_reporter, run_plan

    exercises = _exercises(only)
    options.check_workers(ray, workers)
    spread = Spread.from_options(ray, workers)
    out = out or Path("lab-quick" if quick else "lab")
    plan = plan_lab(out, exercises, quick, seeds)
    who = Author(author, student_id, class_name)
    check_own_words(out)  # an error in the file is better known before the training
    with TrainingProgress(quiet, lang) as progress:
        if engine == "hoiquy":
            start_compiling(progress)
        dataset = load_dataset(data or ("imdb-train" if quick else "imdb"), reading(progress))
        try:
            with logged(log, progress, lang) as listener:
                print_accuracy = accuracy_reporter(progress.say)
                runs = run_plan(plan, dataset, listener, print_accuracy, engine, spread)
        except (KeyboardInterrupt, StoppedError) as stop:
            raise StoppedError(RERUN, exit_code_of(stop)) from stop
        written = write_lab_reports(runs, out, who, lang, brief=brief)
    _print_results(runs, written, lang)
    if not quiet:
        show_next_steps(runs[-1].folder, lang, out)


def _exercises(only: tuple[str, ...]) -> list[str]:
    """The exercises to train: those named, or all. Raises RecipeError for an unknown name."""
    from hoiquy.errors import RecipeError
    from hoiquy.recipe.validation_errors import nearest
    from hoiquy.workflows.lab import EXERCISES

    for name in only:
        if name not in EXERCISES:
            known = ", ".join(EXERCISES)
            raise RecipeError(f"--only {name!r}{nearest(name, EXERCISES)}: expected one of {known}")
    return [name for name in EXERCISES if not only or name in only]


def _print_results(runs: "list[Run]", written: "list[Path]", lang: "Lang") -> None:
    from rich.table import Table

    from hoiquy.cli.console import table_console
    from hoiquy.report.exercises import group_runs, run_title
    from hoiquy.report.lab_closing import lstm_against_gru
    from hoiquy.report.lab_table import COLUMNS, lab_table
    from hoiquy.report.remarks import remarks

    console = table_console()
    header, rows = lab_table(runs, lang)
    shown = [at for at, column in enumerate(COLUMNS) if column in _TERMINAL_COLUMNS]
    table = Table(*(header[at] for at in shown))
    for row in rows:
        table.add_row(*(row[at] for at in shown))
    console.print(table)
    for group in group_runs(runs):
        run = group.runs[0]
        console.print(f"\n[bold]{run_title(run, lang)}[/bold]")
        for remark in remarks(run):
            console.print(f"  • {remark.text(lang)}", markup=False)
    for found in lstm_against_gru(runs):
        console.print(f"\n{found.heading(lang)}", markup=False, style="bold")
        for sentence in found.sentences(lang):
            console.print(sentence, markup=False)
    console.print("\n" + "\n".join(map(str, written)), markup=False)
