"""Print the result of a finished training."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hoiquy.messages import Lang
    from hoiquy.runs.folder import Run


def show_finished(run: "Run", lang: "Lang", as_json: bool, quiet: bool) -> None:
    """Draw the learning curves, if any; print summary, accuracy and remarks, or the result as JSON.

    An ensemble has no curves.
    """
    from hoiquy.report.curves import draw_learning_curves
    from hoiquy.report.exercises import run_title
    from hoiquy.report.remarks import remarks

    if not run.result.is_ensemble:
        figures = run.folder / "figures"
        draw_learning_curves(run.history, run_title(run, lang), figures, lang)
    if as_json:
        click.echo(json.dumps(asdict(run.result), ensure_ascii=False))
        return
    if not quiet:
        click.echo(run.summary())
    if run.result.test_accuracy is not None:
        kind = "subset accuracy" if run.result.multilabel else "accuracy"
        click.echo(f"test {kind} {run.result.test_accuracy:.2%}, {run.folder}")
    for remark in remarks(run):
        click.echo(f"  • {remark.text(lang)}")
