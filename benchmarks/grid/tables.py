"""The tables of the grid as Markdown."""

from collections.abc import Sequence

from grid.cell import FACTORS
from grid.measure import CellResult
from grid.results import GridResults, Mean, ratio_of, sgemm_share
from hoiquy.report import markdown
from peers.results import HOIQUY, Spread

_WORST = 3
_KINDS = (("step", "Training step"), ("predict", "Prediction of a batch"))
_NAMES = {"kind": "layer", "masked": "padding"}
_LEVELS = {
    "bidirectional": {False: "no", True: "yes"},
    "masked": {False: "counts as steps", True: "masked"},
}
_NOTE = (
    "× is the peer's time over hoiquy's of the same round, the median over the rounds. A mean is "
    "the geometric mean over the drawn cells, in brackets the lowest cell. Fixed cells (marked *) "
    "are not part of the means."
)


_LAYER_NOTE = (
    "Forward and backward of one layer of one direction, whose inputs are 128 numbers a step; all "
    "steps count. The share of sgemm is the rate of hoiquy's matrix products in this time, as a "
    "share of NumPy's product of two 1536 × 1536 matrices in the same round. The native libraries "
    "get weights in Keras' order and return gradients in it, as hoiquy does."
)


def to_markdown(results: GridResults) -> str:
    """All tables of what was measured, and the conditions."""
    parts: list[str] = []
    for what, title in _KINDS:
        if results.of(what):
            parts += [
                f"## {title}\n\n{_means(results, what)}\n\n{_NOTE}",
                f"### Worst cells\n\n{_worst(results, what)}",
                f"### All cells\n\n{_cells(results, what)}",
            ]
    if results.of("layer"):
        parts.append(f"## Recurrent layers alone\n\n{_layers(results)}\n\n{_LAYER_NOTE}")
    missing = [f"{name}: {reason}" for name, reason in results.left_out.items()]
    if lines := [*missing, *results.problems()]:
        parts.append(f"## Not measured\n\n{markdown.bullets(lines)}")
    return "\n\n".join(["# The grid", *parts, f"*{conditions(results)}.*"]) + "\n"


def conditions(results: GridResults) -> str:
    """One line: machine, threads, rounds, seed, versions and date."""
    machine, settings = results.machine, results.settings
    parts = [
        f"{machine['processor']}, {settings['threads']} threads, {settings['rounds']} rounds",
        f"{len(results.of('step', _is_drawn))} of {settings['cells']} drawn cells, seed "
        f"{settings['seed']}",
    ]
    versions = {
        one.name: one.versions for result in results.cells for one in result.measured
    }  # a library that two participants use is named once
    lines = [" ".join(f"{name} {of}" for name, of in found.items()) for found in versions.values()]
    return "; ".join([*parts, *dict.fromkeys(lines), str(machine["date"])[:10]])


def _is_drawn(result: CellResult) -> bool:
    return result.case.drawn


def _means(results: GridResults, what: str) -> str:
    """A row for all drawn cells and for each level of each factor."""
    drawn = results.of(what, _is_drawn)
    rows = [_mean_row(results, what, "all", drawn)]
    for factor, levels in FACTORS.items():
        for level in levels:
            cells = [one for one in drawn if one.case.cell.level(factor) == level]
            shown = _LEVELS.get(factor, {}).get(level, str(level))
            rows.append(_mean_row(results, what, f"{_NAMES.get(factor, factor)}: {shown}", cells))
    header = ["drawn cells", "number", *_titles(results, what)]
    return markdown.table(header, rows)


def _mean_row(
    results: GridResults, what: str, label: str, cells: Sequence[CellResult]
) -> list[str]:
    means = [results.mean(name, cells) for name in results.peers(what)]
    return [label, str(len(cells)), *map(_mean, means)]


def _mean(mean: Mean | None) -> str:
    return "–" if mean is None else f"{mean.ratio:.2f}× ({mean.lowest:.2f})"


def _worst(results: GridResults, what: str) -> str:
    rows = []
    for name in results.peers(what):
        for ratio, result in results.worst(name, what, _WORST):
            rows.append([results.titles()[name], _label(result), f"{ratio:.2f}×"])
    return markdown.table(["peer", "cell", "ratio"], rows)


def _cells(results: GridResults, what: str) -> str:
    """A row for each cell: hoiquy's milliseconds, and the ratio of each peer."""
    found = sorted(results.of(what), key=lambda one: (one.case.drawn, one.case.cell))
    rows = [
        [
            _label(result),
            _milliseconds(result.participants[0].spread()),
            *(_ratio(ratio_of(result, name)) for name in results.peers(what)),
        ]
        for result in found
    ]
    return markdown.table(["cell", f"{HOIQUY}, ms", *_titles(results, what)], rows)


def _layers(results: GridResults) -> str:
    """A row for each layer, and the geometric means."""
    found = sorted(results.of("layer"), key=lambda one: one.case.cell)
    peers = results.peers("layer")
    rows = [
        [
            _label(result),
            _milliseconds(result.participants[0].spread()),
            "–" if (share := sgemm_share(result)) is None else f"{share.median:.0%}",
            *(_ratio(ratio_of(result, name)) for name in peers),
        ]
        for result in found
    ]
    means = [_mean(results.mean(name, found)) for name in peers]
    header = ["layer", f"{HOIQUY}, ms", "share of sgemm", *_titles(results, "layer")]
    return markdown.table(header, [*rows, ["geometric mean (lowest)", "", "", *means]])


def _titles(results: GridResults, what: str) -> list[str]:
    return [results.titles()[name] for name in results.peers(what)]


def _label(result: CellResult) -> str:
    return result.case.label + ("" if result.case.drawn else " \\*")


def _milliseconds(spread: Spread) -> str:
    decimals = 2 if spread.median < 9.995 else 1 if spread.median < 99.95 else 0
    middle, low, high = (f"{value:,.{decimals}f}" for value in spread)
    return f"{middle} ({low}–{high})"


def _ratio(ratio: Spread | None) -> str:
    return "–" if ratio is None else f"{ratio.median:.2f}× ({ratio.low:.2f}–{ratio.high:.2f})"
