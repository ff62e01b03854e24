"""The tables of a run as Markdown, in the form of docs/performance.md."""

from collections.abc import Callable

from hoiquy.report import markdown
from peers.results import HOIQUY, CaseResult, Participant, Results, Spread, spread

MIB = 2**20
Cell = Callable[[CaseResult, str], str]  # the cell of a participant's name

_NOTES = {
    "training": "Milliseconds for forward, backward and Adam on one batch: median over the rounds, "
    "lowest and highest in brackets. × is the peer's time over hoiquy's in the same round: median, "
    "lowest and highest.",
    "cut": "The peers keep only the embedding rows that an index can reach, which their users "
    "would have to do by hand; the percentage is the time that this saves.",
    "memory": "Peak resident memory of the training process in MiB, the library included; of a "
    "peer with the full embedding, after the slash with the cut one.",
    "inference": "Documents per second; × is the peer's time over hoiquy's.",
    "latency": "Milliseconds from the indices of one document to its probabilities.",
}


def to_markdown(results: Results) -> str:
    """Return the tables of everything with at least one whole round, and the conditions."""
    parts = [
        _table(results, "training", "Training step", "training", _full),
        _table(results, "training", "Training step with cut embedding", "cut", _cut),
        _table(results, "training", "Peak memory of training", "memory", _memory),
        _table(results, "inference", "Inference in batches", "inference", _inference),
        _table(results, "latency", "One document at a time", "latency", _latency),
    ]
    return "\n\n".join([*filter(None, parts), f"*{conditions(results)}.*"]) + "\n"


def conditions(results: Results) -> str:
    """One line: machine, threads, rounds, versions and date of the run."""
    machine, settings = results.machine, results.settings
    parts = [f"{machine['processor']}, {settings['threads']} threads, {settings['rounds']} rounds"]
    versions = {one.name: one.versions for one in results.participants()}
    for packages in versions.values():
        parts.append(" ".join(f"{name} {version}" for name, version in packages.items()))
    return "; ".join([*parts, str(machine["date"])[:10]])


def _table(results: Results, what: str, title: str, note: str, cell: Cell) -> str:
    """A row for each case and a column for each participant; "" without cases."""
    found = results.of(what)
    if note == "cut":
        found = [result for result in found if len(result.case.embeddings) > 1]
    if not found:
        return ""
    names = list(dict.fromkeys(one.name for result in found for one in result.participants))
    titles = results.titles()
    rows = [[result.case.label, *(cell(result, name) for name in names)] for result in found]
    header = ["recipe", *(titles[name] for name in names)]
    return f"### {title}\n\n{markdown.table(header, rows)}\n\n{_NOTES[note]}"


def _full(result: CaseResult, name: str) -> str:
    return _time(result, result.find(name))


def _cut(result: CaseResult, name: str) -> str:
    text = _time(result, result.find(name, "cut"))
    saved = result.saved_by_cutting(name)
    return text if saved is None else f"{text} · {saved:.0%} less"


def _memory(result: CaseResult, name: str) -> str:
    peaks = [one.peak_bytes / MIB for one in result.participants if one.name == name]
    return " / ".join(f"{peak:,.0f}" for peak in peaks) or "–"


def _inference(result: CaseResult, name: str) -> str:
    one = result.find(name)
    if one is None:
        return "–"
    rates = [result.case.batch_size / time * 1e3 for time in one.round_medians()]
    return _range(spread(rates), 0) + _ratio(result, one)


def _latency(result: CaseResult, name: str) -> str:
    return _time(result, result.find(name), 2)


def _time(result: CaseResult, one: Participant | None, decimals: int = 0) -> str:
    return "–" if one is None else _range(one.spread(), decimals) + _ratio(result, one)


def _ratio(result: CaseResult, one: Participant) -> str:
    return "" if one.name == HOIQUY else f" · {_range(result.ratio(one), 2, '×')}"


def _range(values: Spread, decimals: int, unit: str = "") -> str:
    middle, low, high = (f"{value:,.{decimals}f}" for value in values)
    return f"{middle}{unit} ({low}–{high})"
