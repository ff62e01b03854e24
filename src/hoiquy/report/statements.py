"""Notices at the top of a report."""

from collections.abc import Sequence

from hoiquy.messages import Lang, text
from hoiquy.report.data_words import data_words
from hoiquy.report.exercises import is_quick
from hoiquy.runs.folder import Run
from hoiquy.runs.imdb_data import is_imdb


def statements(runs: Sequence[Run], lang: Lang) -> list[str]:
    """Notices on quick runs and unofficial test documents of IMDB, in Markdown."""
    found = []
    if any(is_quick(run.recipe.name) for run in runs):
        found.append(text("report.quick", lang))
    others = {
        run.result.data_name: data_words(run.result, lang)
        for run in runs
        if is_imdb(run.result.data)
        and not run.result.official_test
        and run.result.status != "untested"
    }
    for data, description in others.items():
        found.append(text("report.not_official", lang, data=data, description=description))
    return found
