"""Means over the draws, and differences to the best baseline with their intervals."""

from collections.abc import Mapping, Sequence

import numpy as np

from hoiquy.comparison.statistics.seeds import mean_interval
from hoiquy.report import markdown
from label_draws.methods import AUTO, BASELINES
from label_draws.records import Record

MEASURES = {"accuracy": "Accuracy", "macro_f1": "Macro F1"}
_NOTE = (
    "In per cent, of each draw and its mean. Differences are in points to the best baseline, the "
    "one with the highest mean on these texts, over the draws that both have, with the 95% "
    "interval of Student's t over draws. Seconds are the mean of a training."
)
Values = Mapping[int, float]  # by draw


def to_markdown(records: Sequence[Record]) -> str:
    """A table for each measure, set and number of labels."""
    parts = []
    for measure, title in MEASURES.items():
        for place in dict.fromkeys((one.set, one.data, one.labels) for one in records):
            found = [one for one in records if (one.set, one.data, one.labels) == place]
            heading = f"### {title}: {place[0]}, {place[2]:,} labels"
            documents = f"{found[0].documents:,} texts scored"
            parts.append(f"{heading} ({documents})\n\n{_table(found, measure)}")
    return "\n\n".join([*parts, _NOTE]) + "\n" if parts else "nothing measured\n"


def _table(records: Sequence[Record], measure: str) -> str:
    draws = sorted({one.draw for one in records})
    values = by_method(records, measure)
    best = best_baseline(values)
    rows = []
    for method, own in values.items():
        cells = [f"{100 * own[draw]:.2f}" if draw in own else "" for draw in draws]
        mean = f"{100 * np.mean([*own.values()]):.2f}"
        times = [one.seconds for one in records if one.method == method]
        difference = "" if best in (None, method) else _difference(own, values[best or ""])
        title = f"{method} (best baseline)" if method == best else method
        rows.append([title, mean, *cells, difference, f"{np.mean(times):.0f}"])
    header = ["method", "mean", *(f"draw {draw}" for draw in draws), "difference", "seconds"]
    return markdown.table(header, rows)


def by_method(records: Sequence[Record], measure: str) -> dict[str, Values]:
    """The values of each method by draw, as fractions; baselines are the first."""
    names = dict.fromkeys(one.method for one in records)
    order = sorted(names, key=lambda name: not is_baseline(name))
    return {
        name: {one.draw: float(getattr(one, measure)) for one in records if one.method == name}
        for name in order
    }


def is_baseline(name: str) -> bool:
    return name in BASELINES or name == AUTO


def best_baseline(values: Mapping[str, Values]) -> str | None:
    """The baseline with the highest mean, among those with most draws; None without baselines."""
    baselines = {name: own for name, own in values.items() if is_baseline(name)}
    if not baselines:
        return None
    return max(
        baselines, key=lambda name: (len(baselines[name]), np.mean([*baselines[name].values()]))
    )


def paired(own: Values, other: Values) -> list[float]:
    """The differences on the draws that both have, in points."""
    return [100 * (own[draw] - other[draw]) for draw in sorted(own.keys() & other.keys())]


def _difference(own: Values, other: Values) -> str:
    gaps = paired(own, other)
    if not gaps:
        return ""
    if len(gaps) == 1:
        return f"{gaps[0]:+.2f}"
    low, high = mean_interval(gaps)
    return f"{np.mean(gaps):+.2f} ({low:+.2f} to {high:+.2f})"
