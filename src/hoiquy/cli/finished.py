"""Print the result of a finished training."""

import json
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hoiquy.messages import Lang
    from hoiquy.runs.folder import Run


def show_finished(run: "Run", lang: "Lang", as_json: bool, quiet: bool) -> None:
    """Draw the learning curves, if any; print summary, accuracy and remarks, or the result as JSON.

    An ensemble has no curves. What to do next is printed on stderr, unless `quiet`.
    """
    from hoiquy.messages import text
    from hoiquy.report.curves import draw_learning_curves
    from hoiquy.report.exercises import run_title
    from hoiquy.report.remarks import remarks
    from hoiquy.report.summary_words import summary_words

    if not run.result.is_ensemble:
        figures = run.folder / "figures"
        draw_learning_curves(run.history, run_title(run, lang), figures, lang)
    if as_json:
        click.echo(json.dumps(asdict(run.result), ensure_ascii=False))
        return
    if not quiet:
        click.echo(f"{summary_words(run.summary(), run.result, lang)}\n")
    if run.result.test_accuracy is not None:
        key = "progress.test_subset_accuracy" if run.result.multilabel else "progress.test_accuracy"
        click.echo(text(key, lang, accuracy=run.result.test_accuracy, run=run.folder))
    for remark in remarks(run):
        click.echo(f"  • {remark.text(lang)}")
    if not quiet:
        show_next_steps(run.folder, lang)


def show_next_steps(run: Path, lang: "Lang", folder: Path | None = None) -> None:
    """Print what to do with a run, as commands, on stderr.

    folder: with more runs, to report on and to serve; by default the run alone.
    """
    from hoiquy.cli.needed_extras import needed_for
    from hoiquy.messages import language_option, text
    from hoiquy.report.own_words.file import FILE_NAME
    from hoiquy.system.program import program

    hoiquy, spoken = program(), language_option(lang)
    place, all_runs = (shlex.quote(str(path)) for path in (run, folder or run))
    steps = {
        "next_predict": f'{hoiquy} predict {place} "{text("progress.a_text", lang)}"',
        "next_report": f"{hoiquy} report {all_runs} --out report.html{spoken}",
        "next_serve": f"{hoiquy} serve {all_runs}",
    }
    if folder is not None:  # the report is written already, but not for Word
        del steps["next_report"]
        page, document = (shlex.quote(str(folder / f"report.{end}")) for end in ("html", "docx"))
        steps["next_own_words"] = f"{hoiquy} report {all_runs} --out {page}{spoken}"
        steps["next_docx"] = f"{hoiquy} report {all_runs} --out {document}{spoken}"
    width = max(map(len, steps.values()))
    click.echo(f"\n{text('progress.next', lang)}", err=True)
    for key, command in steps.items():
        purpose = text(f"progress.{key}", lang, file=f"{folder}/{FILE_NAME}")
        click.echo(f"  {command:{width}}  {purpose}{needed_for(key, lang)}", err=True)
