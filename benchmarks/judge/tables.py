"""The tables of the judge as Markdown."""

from collections.abc import Callable, Sequence
from statistics import median

from hoiquy.report import markdown
from judge.differences import LEVEL, Comparison, Difference, SetSummary, Summary
from judge.outcome import Outcome
from judge.participants import TITLES
from judge.results import Results, SetFacts, score

_NOTE = (
    "Means over the seeds. The best baseline is the one with the highest value on the test, for "
    "each measure. Differences are in points, with 95% intervals from a bootstrap over the test "
    "documents; they do not cover other seeds. Better and worse: McNemar's exact test in accuracy "
    f"beside the best baseline is below {LEVEL:g} for most seeds, after Holm's correction over all "
    "comparisons (in brackets: without it)."
)
_COST_NOTE = (
    "Medians over the seeds. Seconds and processor seconds are those of the whole training "
    "command (of a baseline with its choice of C and its prediction), memory is that of its "
    "largest process, size that of the run folder or of the saved model. Prediction is that of the "
    "test file: of hoiquy the whole program `hoiquy predict`, from CSV to CSV; of a baseline "
    "inside its process. Documents/s leave out the start of the program; for hoiquy the test "
    "documents are repeated to at least 10,000."
)
_COMPARISONS_NOTE = (
    "Accuracy of hoiquy minus that of the baseline in points, with Newcombe's paired 95% interval; "
    "McNemar's exact p-value, and adjusted by Holm over all rows."
)
_MISSING = "–"


def to_markdown(results: Results, summary: Summary) -> str:
    """All tables of what was measured, and the conditions."""
    parts = ["# hoiquy's default beside baselines"]
    if summary.sets:
        parts += [_in_short(summary), f"{_beside(summary)}\n\n{_NOTE}"]
    if results.participants():
        parts += [
            f"## Accuracy / macro-F1 in per cent\n\n{_scores(results)}",
            f"## Log-loss\n\n{_log_losses(results)}",
            f"## Time, memory, size\n\n{_costs(results)}\n\n{_COST_NOTE}",
        ]
    if summary.comparisons:
        comparisons = f"{_comparisons(summary)}\n\n{_COMPARISONS_NOTE}"
        parts.append(f"## All comparisons\n\n{comparisons}")
    if results.not_measured:
        parts.append(f"## Not measured\n\n{markdown.bullets(results.not_measured)}")
    return "\n\n".join([*parts, f"*{conditions(results)}.*"]) + "\n"


def conditions(results: Results) -> str:
    """One line: machine, minutes, commit, versions and date."""
    machine, settings = results.machine, results.settings
    versions = {
        f"{name} {version}"
        for outcome in results.outcomes.values()
        if outcome.key in results.wanted
        for name, version in outcome.versions.items()
    }
    parts = [
        f"{machine['processor']}, {machine['cpu_count']} processors",
        f"`hoiquy train train.csv --test test.csv --minutes {settings['minutes']:g}`",
        f"commit {settings['commit']}",
        *sorted(versions),
        str(machine["date"])[:10],
    ]
    return "; ".join(parts)


def _in_short(summary: Summary) -> str:
    trainings = len({(one.set, one.seed) for one in summary.comparisons})
    return (
        f"Sets: {len(summary.sets)}, trainings: {trainings}. Mean difference to the best baseline: "
        f"{100 * summary.mean('accuracy'):+.2f} points of accuracy and "
        f"{100 * summary.mean('macro_f1'):+.2f} of macro-F1. Sets where hoiquy is better: "
        f"{summary.count('better')}, worse: {summary.count('worse')}; without correction: "
        f"{summary.count_uncorrected('better')} and {summary.count_uncorrected('worse')}."
    )


def _beside(summary: Summary) -> str:
    header = ["set", "accuracy: best baseline", "hoiquy", "difference", ""]
    header += ["macro-F1: best baseline", "hoiquy", "difference"]
    rows = [
        [
            one.name,
            *_difference(one.differences["accuracy"]),
            _verdict(one),
            *_difference(one.differences["macro_f1"]),
        ]
        for one in summary.sets
    ]
    return markdown.table(header, rows)


def _difference(one: Difference) -> list[str]:
    low, high = 100 * one.low, 100 * one.high
    return [
        f"{TITLES[one.best]} {100 * one.best_value:.1f}",
        f"{100 * one.value:.1f}",
        f"{100 * one.difference:+.1f} ({low:+.1f} to {high:+.1f})",
    ]


def _verdict(one: SetSummary) -> str:
    if one.verdict or not one.uncorrected:
        return one.verdict
    return f"({one.uncorrected})"


def _scores(results: Results) -> str:
    def cell(on: SetFacts, found: Sequence[Outcome]) -> str:
        means = []
        for measure in ("accuracy", "macro_f1"):
            values = [score(on, one, measure) for one in found]
            means.append(f"{100 * sum(values) / len(values):.1f}")
        return " / ".join(means)

    return _by_set(results, cell)


def _log_losses(results: Results) -> str:
    def cell(_: SetFacts, found: Sequence[Outcome]) -> str:
        values = [one.log_loss for one in found if one.log_loss is not None]
        return f"{sum(values) / len(values):.3f}" if values else _MISSING

    return f"{_by_set(results, cell)}\n\nSupport vector machines have no probabilities."


def _by_set(results: Results, cell: Callable[[SetFacts, Sequence[Outcome]], str]) -> str:
    """A row for each set, a column for each participant."""
    names = results.participants()
    rows = []
    for on in results.sets:
        found = [results.found(on.name, name) for name in names]
        if any(found):
            rows.append([on.name, *(cell(on, one) if one else _MISSING for one in found)])
    return markdown.table(["set", *(TITLES[name] for name in names)], rows)


def _costs(results: Results) -> str:
    rows = [
        [on.name, TITLES[name], *_cost(found)]
        for on in results.sets
        for name in results.participants()
        if (found := results.found(on.name, name))
    ]
    header = ["set", "", "seconds", "processor seconds", "memory, MB", "size, MB"]
    return markdown.table([*header, "prediction, s", "documents/s"], rows)


def _cost(found: Sequence[Outcome]) -> list[str]:
    return [
        f"{median(one.seconds for one in found):,.0f}",
        f"{median(one.processor_seconds for one in found):,.0f}",
        f"{median(one.peak_bytes for one in found) / 1e6:,.0f}",
        f"{median(one.model_bytes for one in found) / 1e6:,.1f}",
        f"{median(one.predict_seconds for one in found):,.2f}",
        f"{median(one.documents_per_second for one in found):,.0f}",
    ]


def _comparisons(summary: Summary) -> str:
    header = ["set", "seed", "baseline", "difference", "p", "adjusted p"]
    return markdown.table(header, [_comparison(one) for one in summary.comparisons])


def _comparison(one: Comparison) -> list[str]:
    low, high = 100 * one.low, 100 * one.high
    return [
        one.set,
        str(one.seed),
        TITLES[one.baseline],
        f"{100 * one.difference:+.1f} ({low:+.1f} to {high:+.1f})",
        _p(one.p_value),
        _p(one.adjusted_p),
    ]


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
