"""The comparisons of the page: one per data set with several candidates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hoiquy.comparison import Candidate, Comparison, Pair, compare_runs, label_of, verdict_text
from hoiquy.comparison.baselines.saved import Baseline
from hoiquy.comparison.verdict import reading_texts, unread_text
from hoiquy.errors import RunError
from hoiquy.messages import Lang
from hoiquy.report.comparison_table import short_verdict
from hoiquy.report.lab_closing import LstmAgainstGru, lstm_against_gru
from hoiquy.report.page.network import Network
from hoiquy.report.page.scale import Plot, Scale, scale_of
from hoiquy.runs.folder import Run

_LEAST_SPAN = 0.02  # of the column of differences: two percentage points


@dataclass(frozen=True, eq=False)
class Compared:
    """All pairs on one data set, and separately the planned comparison of exercise 5.

    The planned comparison is not corrected for the other pairs.
    """

    data: str  # name of the data set
    comparison: Comparison
    networks: Mapping[str, Network]  # by the name of the candidate
    planned: Sequence[LstmAgainstGru]

    @property
    def pairs(self) -> Sequence[Pair]:
        return self.comparison.pairs

    @property
    def baselines(self) -> list[Candidate]:
        return [one for one in self.comparison.candidates if one.kind == "baseline"]

    @property
    def scale(self) -> Scale | None:
        return scale_of([self.plot(pair) for pair in self.pairs], _LEAST_SPAN)

    def plot(self, pair: Pair) -> Plot:
        return Plot(pair.difference, pair.low, pair.high, zero=0.0)

    def label(self, name: str, lang: Lang) -> str:
        """The label of a candidate."""
        if name in self.networks:
            return self.networks[name].label(lang)
        return label_of(self.comparison.candidate(name), lang)

    def verdict(self, pair: Pair, lang: Lang) -> str:
        """The verdict in a few words, as `hoiquy compare` gives it."""
        better = pair.first if pair.difference > 0 else pair.second
        return short_verdict(pair, self.label(better, lang), lang)

    def notes(self, lang: Lang) -> list[str]:
        """Which baselines could not read the documents, and which tokens the others read."""
        unread = [unread_text(one, lang) for one in self.comparison.unread]
        return [*unread, *reading_texts(self.comparison, lang)]

    def sentence(self, pair: Pair, lang: Lang) -> str:
        """The verdict on a pair in one or two sentences."""
        candidates = tuple(
            replace(one, label=self.label(one.name, lang)) for one in self.comparison.candidates
        )
        return verdict_text(pair, replace(self.comparison, candidates=candidates), lang)


def compare_all(
    networks: Sequence[Network], baselines: Sequence[Baseline]
) -> tuple[list[Compared], list[str]]:
    """Compare runs scored on the same data; also return why others could not be compared.

    Incomplete runs and runs with missing predictions are left out.
    """
    found, problems = [], []
    runs = [run for network in networks for run in _comparable(network)]
    for fingerprint in dict.fromkeys(run.result.data_fingerprint for run in runs):
        ours = [run for run in runs if run.result.data_fingerprint == fingerprint]
        simple = [one for one in baselines if one.facts.data_fingerprint == fingerprint]
        try:
            comparison = compare_runs(ours, simple)
            planned = lstm_against_gru(ours)
        except RunError as error:
            problems.append(str(error))
            continue
        if comparison.pairs:
            names = _names(comparison, networks)
            found.append(Compared(ours[0].result.data, comparison, names, planned))
    return found, problems


def _comparable(network: Network) -> list[Run]:
    """Complete, readable runs, one per seed."""
    kept: dict[int, Run] = {}
    for run in network.runs:
        if run.result.test_accuracy is None or run.result.seed in kept:
            continue
        try:
            run.predictions()
            run.cost()
        except RunError:
            continue  # the section of the network reports it
        kept[run.result.seed] = run
    return list(kept.values())


def _names(comparison: Comparison, networks: Sequence[Network]) -> dict[str, Network]:
    """The network of each candidate."""
    of_folder = {run.folder: network for network in networks for run in network.runs}
    return {
        candidate.name: of_folder[candidate.runs[0].folder]
        for candidate in comparison.candidates
        if candidate.runs
    }
