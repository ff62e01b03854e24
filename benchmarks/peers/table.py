"""The tables of a run, in plain cells: the terminal and the Markdown page show the same ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from hoiquy.bench.results import HOIQUY, CaseResult, Participant, Results, Spread

from hoiquy.report import markdown

MIB = 2**20


@dataclass(frozen=True)
class Table:
    """A title, a header, rows of cells, and what to know when reading it."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


def tables(results: Results) -> list[Table]:
    """Return the tables of everything that has at least one whole round."""
    made = [
        _training(results, "full"),
        _training(results, "cut"),
        _memory(results),
        _layers(results),
        _inference(results),
        _latency(results),
        _sizes(results),
    ]
    return [table for table in made if table.rows]


def conditions(results: Results) -> str:
    """One line: machine, threads, rounds, versions, sgemm rate and date of the run."""
    machine, settings = results.machine, results.settings
    parts = [
        f"{machine['processor']}, {settings['threads']} threads",
        f"{settings['rounds']} rounds",
    ]
    sgemm = results.sgemm()
    if sgemm is not None:
        parts.append(f"sgemm {_spread(sgemm)} GFLOP/s")
    for versions in results.versions().values():
        parts.append(" ".join(f"{name} {version}" for name, version in versions.items()))
    return "; ".join([*parts, str(machine["date"])[:10]])


def to_markdown(results: Results) -> str:
    """Return the fragment that docs/performance.md takes in."""
    parts = []
    for table in tables(results):
        parts.append(f"### {table.title}")
        parts.append(markdown.table(table.header, table.rows))
        if table.note:
            parts.append(table.note)
    parts.append(f"*{conditions(results)}.*")
    return "\n\n".join(parts) + "\n"


def _training(results: Results, embedding: str) -> Table:
    cases = results.of("training")
    names = [name for name in _names(cases) if name != HOIQUY]
    if embedding == "cut":
        cases = [case for case in cases if any(p.embedding == "cut" for p in case.peers)]
        title = "Training step, the peers' embedding cut to the rows that can be read"
        note = (
            "The peers keep only the rows of the embedding that an index can reach, which their "
            "users would have to do by hand; the percentage is what that alone saves them."
        )
    else:
        title = "Training step"
        note = (
            "Milliseconds of forward, backward and Adam on one batch: median over the rounds, "
            "lowest and highest in brackets; × is the peer's time over hoiquy's of the same "
            "round, the median over the rounds."
        )
    rows = []
    for case in cases:
        row = [case.label, _milliseconds(case.hoiquy)]
        for name in names:
            peer = case.participant(name, embedding)
            cell = "–" if peer is None else _with_ratio(case, peer)
            saved = case.saved_by_cutting(name)
            if embedding == "cut" and saved is not None:
                cell += f" · {saved.median:.0%} less"
            row.append(cell)
        rows.append(row)
    return Table(title, ["recipe", *_titles(results, [HOIQUY, *names])], rows, note)


def _memory(results: Results) -> Table:
    cases = results.of("training")
    names = _names(cases)
    rows = []
    for case in cases:
        row = [case.label]
        for name in names:
            peaks = [p.peak_bytes / MIB for p in case.participants if p.name == name]
            row.append(" / ".join(f"{peak:,.0f}" for peak in peaks) or "–")
        rows.append(row)
    note = (
        "MiB resident at most in the process that trains, the library itself included; of a peer "
        "with the full embedding, and after the stroke with the cut one."
    )
    return Table("Peak memory of training", ["recipe", *_titles(results, names)], rows, note)


def _layers(results: Results) -> Table:
    cases = results.of("layers")
    names = _names(cases)
    rows = []
    for case in cases:
        row = [case.label]
        for name in names:
            one = case.participant(name)
            if one is None:
                row.append("–")
                continue
            share = case.sgemm_share(one)
            row.append(
                f"{_milliseconds(one)} · {share.median:.0%} ({share.low:.0%}–{share.high:.0%})"
            )
        rows.append(row)
    note = (
        "Milliseconds of forward and backward of the recurrent layer alone, and its matrix "
        "products' operations a second as a share of NumPy's sgemm (all threads, same round)."
    )
    return Table("Recurrent layers alone", ["layer", *_titles(results, names)], rows, note)


def _inference(results: Results) -> Table:
    cases = results.of("inference")
    names = _names(cases)
    rows = []
    for case in cases:
        row = [f"{case.label}, {case.batch_size:,} documents"]
        for name in names:
            one = case.participant(name)
            if one is None:
                row.append("–")
                continue
            rates = [case.batch_size / time * 1e3 for time in one.round_medians()]
            cell = f"{median(rates):,.0f} ({min(rates):,.0f}–{max(rates):,.0f})"
            row.append(cell if name == HOIQUY else f"{cell} · {_ratio(case, one)}")
        rows.append(row)
    note = "Documents a second; × is the peer's time over hoiquy's."
    return Table("Inference in batches", ["recipe", *_titles(results, names)], rows, note)


def _latency(results: Results) -> Table:
    cases = results.of("latency")
    names = _names(cases)
    rows = _milliseconds_and_ratios(cases, names, 2)
    note = "Milliseconds from the indices of one document to its probabilities."
    return Table("One document at a time", ["recipe", *_titles(results, names)], rows, note)


def _sizes(results: Results) -> Table:
    cases = results.of("sizes")
    names = _names(cases)
    rows = _milliseconds_and_ratios(cases, names)
    recipe = cases[0].recipe if cases else ""
    note = "The peers have the embedding cut to the rows that can be read."
    title = f"Training step of {recipe} with one size changed"
    return Table(title, ["size", *_titles(results, names)], rows, note)


def _milliseconds_and_ratios(
    cases: Sequence[CaseResult], names: Sequence[str], decimals: int = 0
) -> list[list[str]]:
    """A row a case: hoiquy's milliseconds, then everyone's with their ratio."""
    rows = []
    for case in cases:
        row = [case.label, _milliseconds(case.hoiquy, decimals)]
        for name in names[1:]:
            one = case.participant(name)
            row.append("–" if one is None else _with_ratio(case, one, decimals))
        rows.append(row)
    return rows


def _names(cases: Sequence[CaseResult]) -> list[str]:
    """Names of everyone in these cases, hoiquy first."""
    return list(dict.fromkeys(one.name for case in cases for one in case.participants))


def _titles(results: Results, names: Sequence[str]) -> list[str]:
    titles = results.titles()
    return [titles[name] for name in names]


def _milliseconds(one: Participant, decimals: int = 0) -> str:
    return _spread(one.spread(), decimals)


def _spread(values: Spread, decimals: int = 0) -> str:
    middle, low, high = (f"{value:,.{decimals}f}" for value in values)
    return f"{middle} ({low}–{high})"


def _with_ratio(case: CaseResult, peer: Participant, decimals: int = 0) -> str:
    return f"{_milliseconds(peer, decimals)} · {_ratio(case, peer)}"


def _ratio(case: CaseResult, peer: Participant) -> str:
    return f"{case.ratio(peer).median:.2f}×"
