"""The rows of the page's summary table: networks with their intervals, then baselines."""

from collections.abc import Sequence
from dataclasses import dataclass

from hoiquy.comparison import Candidate, label_of
from hoiquy.messages import Lang, format_number, text
from hoiquy.report.lab_table import (
    NOTHING,
    accuracy_cell,
    epochs_cell,
    seconds_cell,
    validation_accuracies,
)
from hoiquy.report.page.accuracy_plot import baseline_plot
from hoiquy.report.page.network import Network
from hoiquy.report.page.scale import Plot


@dataclass(frozen=True)
class SummaryRow:
    """Cells as text; `number` is that of the network's section, None for a baseline."""

    number: int | None
    label: str
    note: str
    accuracy: str
    interval: str
    plot: Plot | None
    published: str
    train: str
    validation: str
    epochs: str
    parameters: str
    time: str


def network_row(network: Network, lang: Lang) -> SummaryRow:
    runs, result = network.runs, network.runs[0].result
    histories = [run.history for run in runs if run.history]
    plot = network.headline
    published = network.published
    return SummaryRow(
        number=network.number,
        label=network.label(lang),
        note=network.structure(lang),
        accuracy=_accuracy(plot, lang),
        interval=_interval(plot, lang),
        plot=plot,
        published=accuracy_cell([published.accuracy / 100] if published else [], lang),
        train=accuracy_cell([history[-1].accuracy for history in histories], lang),
        validation=accuracy_cell(validation_accuracies(runs), lang),
        epochs=epochs_cell(runs, lang),
        parameters=format_number(result.parameters, "integer", lang),
        time=seconds_cell(runs, lang),
    )


def baseline_row(candidate: Candidate, lang: Lang) -> SummaryRow:
    plot = baseline_plot(candidate)
    return SummaryRow(
        number=None,
        label=label_of(candidate, lang),
        note=text("page.baseline", lang),
        accuracy=_accuracy(plot, lang),
        interval=_interval(plot, lang),
        plot=plot,
        published=NOTHING,
        train=NOTHING,
        validation=NOTHING,
        epochs=NOTHING,
        parameters=format_number(candidate.parameters, "integer", lang),
        time=format_number(candidate.seconds, "duration", lang),
    )


def rows(
    networks: Sequence[Network], baselines: Sequence[Candidate], lang: Lang
) -> list[SummaryRow]:
    return [
        *(network_row(network, lang) for network in networks),
        *(baseline_row(candidate, lang) for candidate in baselines),
    ]


def _accuracy(plot: Plot | None, lang: Lang) -> str:
    return format_number(plot.value, "percent2", lang) if plot else NOTHING


def _interval(plot: Plot | None, lang: Lang) -> str:
    if plot is None or plot.low is None or plot.high is None:
        return ""
    return text("page.interval", lang, low=plot.low, high=plot.high)
