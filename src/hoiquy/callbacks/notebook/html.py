"""A run and a comparison as HTML for a notebook's cell.

Text takes the notebook's colours; pictures have a light background: both are readable in light and
dark themes. Styles are inline because some viewers drop all others.
"""

import base64
import html
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hoiquy.comparison import Comparison
from hoiquy.errors import RunError
from hoiquy.messages import Lang, default_language, text
from hoiquy.report.comparison_table import (
    Table,
    candidate_table,
    legend,
    pair_table,
    verdict_lines,
)
from hoiquy.report.curves import draw_learning_curves
from hoiquy.report.exercises import run_title
from hoiquy.report.lab_table import COLUMNS, NOTHING, lab_table
from hoiquy.report.members import members_of
from hoiquy.runs.folder import Run

_FACTS = (
    "test", "published", "validation", "train", "epochs", "parameters", "time", "data", "folder",
)  # fmt: skip
_CELL = "text-align: left; padding: 0.15em 1.2em 0.15em 0; vertical-align: top"
_PICTURES = "display: flex; flex-wrap: wrap; gap: 0.6em; margin-top: 0.8em"
_PICTURE = "width: 48%; min-width: 320px; max-width: 640px; border-radius: 6px"


def run_html(run: Run, lang: Lang | None = None) -> str:
    """Title, table and learning curves of a run, complete or not."""
    lang = lang or default_language()
    _, (row,) = lab_table([run], lang)
    cells = dict(zip(COLUMNS, row, strict=True))
    cells |= {"data": run.result.data, "folder": str(run.folder)}
    if not run.result.official_test:  # the published accuracy is not comparable
        cells["published"] = NOTHING
    titles = {"validation": "cross_validated"} if run.result.is_ensemble else {}
    rows = [
        f"<tr>{_th(text(f'notebook.{titles.get(name, name)}', lang), 'row')}{_td(cells[name])}</tr>"
        for name in _FACTS
        if cells[name] != NOTHING
    ]
    title = html.escape(run_title(run, lang))
    return (
        f'<div class="hoiquy"><p><strong>{title}</strong></p>'
        f"<table>{''.join(rows)}</table>{_curves(run, lang)}</div>"
    )


def comparison_html(comparison: Comparison, lang: Lang | None = None) -> str:
    """Tables of the candidates and pairs, and the verdicts on the networks."""
    lang = lang or default_language()
    pairs = [
        pair
        for pair in comparison.pairs
        if all(comparison.candidate(name).kind == "network" for name in (pair.first, pair.second))
    ]
    sentences, scopes = verdict_lines(replace(comparison, pairs=tuple(pairs)), lang)
    words = [f"<p><strong>{html.escape(sentence)}</strong></p>" for sentence in sentences]
    notes = [f"<p>{html.escape(note)}</p>" for note in [*scopes, *legend(comparison, lang)]]
    tables = [_table(candidate_table(comparison, lang)), _table(pair_table(comparison, lang))]
    return f'<div class="hoiquy">{tables[0]}{"".join(words)}{tables[1]}{"".join(notes)}</div>'


def _table(table: Table) -> str:
    header, rows = table
    head = "".join(_th(name, "col") for name in header)
    body = [f"<tr>{''.join(_td(cell) for cell in row)}</tr>" for row in rows]
    return f"<table><tr>{head}</tr>{''.join(body)}</table>"


def _curves(run: Run, lang: Lang) -> str:
    if run.result.is_ensemble:
        return _members(run, lang)
    if not run.history:
        return f"<p>{html.escape(text('report.no_curves', lang))}</p>"
    title = run_title(run, lang)
    with TemporaryDirectory() as folder:
        paths = draw_learning_curves(run.history, title, Path(folder), lang)
        names = (text("curve.accuracy", lang), text("curve.loss", lang))
        pictures = [
            _picture(path, f"{title}: {name}") for path, name in zip(paths, names, strict=True)
        ]
    return f'<div style="{_PICTURES}">{"".join(pictures)}</div>'


def _members(run: Run, lang: Lang) -> str:
    try:
        members = members_of(run)
    except RunError as problem:
        return f"<p>{html.escape(str(problem))}</p>"
    return "" if members is None else _table(members.table(lang))


def _picture(path: Path, alternative: str) -> str:
    encoded = base64.b64encode(path.read_bytes()).decode("ascii")
    alternative = html.escape(alternative, quote=True)
    return f'<img alt="{alternative}" style="{_PICTURE}" src="data:image/png;base64,{encoded}">'


def _th(words: str, scope: str) -> str:
    return f'<th scope="{scope}" style="{_CELL}">{html.escape(words)}</th>'


def _td(words: str) -> str:
    return f'<td style="{_CELL}">{html.escape(words)}</td>'
