"""The content of the page, read and computed once before the templates."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hoiquy.comparison import Candidate
from hoiquy.messages import Lang, text, translated
from hoiquy.report.conclusion import conclusion
from hoiquy.report.exercises import group_runs
from hoiquy.report.gathering import Gathered
from hoiquy.report.keras_code.script import preparation_code
from hoiquy.report.own_words.file import COMPARISON
from hoiquy.report.page.accuracy_plot import baseline_plot
from hoiquy.report.page.comparisons import Compared, compare_all
from hoiquy.report.page.curve_data import curves_of
from hoiquy.report.page.network import Network, network_of
from hoiquy.report.page.origins import Origin, origins_of
from hoiquy.report.page.scale import Scale, scale_of
from hoiquy.report.page.shared import NOTHING, Shared, split_shared
from hoiquy.report.page.summary_rows import SummaryRow, rows
from hoiquy.report.report_options import FULL, ReportOptions
from hoiquy.report.statements import statements
from hoiquy.runs.files import Result
from hoiquy.runs.folder import Run

_LEAST_SPAN = 0.06  # of the column of accuracies: six percentage points


@dataclass(frozen=True)
class Data:
    """A data set that runs were trained on."""

    name: str  # of a path its last part
    fingerprint: str
    train: int
    validation: int
    test: int


@dataclass(frozen=True)
class Content:
    """The whole report."""

    runs: Sequence[Run]
    groups: Sequence[Network]
    comparisons: Sequence[Compared]
    origins: Sequence[Origin]
    unreadable: Sequence[str]  # runs that are not in the report, and why
    incomparable: Sequence[str]
    accuracy_scale: Scale | None = field(default=None)
    options: ReportOptions = FULL
    shared: Shared = NOTHING

    @property
    def is_lab(self) -> bool:
        """Whether all runs are exercises of the lab."""
        return all(group.published for group in self.groups)

    @property
    def title(self) -> str:
        """Key of the title."""
        if self.is_lab:
            return "report.title"
        return "page.title" if self.all_networks else "page.title_models"

    @property
    def has_author(self) -> bool:
        """Whether the report has the student's fields: filled, or blank in a lab's."""
        return self.is_lab or bool(self.options.own.author)

    @property
    def num_words(self) -> int | None:
        """The words that the code of the preparation loads; None without code."""
        coded = (group for group in self.groups if group.has_code)
        return next((group.detail.run.recipe.text.num_words for group in coded), None)

    def preparation(self, lang: Lang) -> str:
        """The code before that of the networks."""
        return preparation_code(self.num_words, lang) if self.num_words else ""

    def conclusion(self, lang: Lang) -> str:
        """The paragraph over all networks; empty unless they are a lab's on the same data."""
        compared = self.comparisons[0] if len(self.comparisons) == 1 else None
        return conclusion(self.groups, compared, lang)

    def own_comparison(self) -> Sequence[str]:
        """The student's remarks on the comparison."""
        return self.options.own.remarks.get(COMPARISON, ())

    @property
    def data(self) -> list[Data]:
        return list(dict.fromkeys(_data_of(run.result) for run in self.runs))

    @property
    def curve_numbers(self) -> list[int]:
        return [number for group in self.groups for number in group.curve_numbers]

    @property
    def longest(self) -> int:
        """The largest number of epochs."""
        return max((len(run.history) for run in self.runs), default=0)

    @property
    def has_published(self) -> bool:
        return any(group.published for group in self.groups)

    @property
    def has_ensembles(self) -> bool:
        return any(run.result.is_ensemble for run in self.runs)

    @property
    def all_networks(self) -> bool:
        """Whether each model is a single network; an ensemble may have none."""
        return not self.has_ensembles

    @property
    def has_recipes(self) -> bool:
        """Whether any model has a network, and so a recipe to show."""
        return any(group.detail.recipes for group in self.groups)

    @property
    def has_seeds(self) -> bool:
        return any(len(group.runs) > 1 for group in self.groups)

    @property
    def baselines(self) -> list[Candidate]:
        return [one for part in self.comparisons for one in part.baselines]

    @property
    def has_planned(self) -> bool:
        return any(part.planned for part in self.comparisons)

    @property
    def has_predictions(self) -> bool:
        return any(group.has_predictions for group in self.groups)

    def rows(self, lang: Lang) -> list[SummaryRow]:
        return rows(self.groups, self.baselines, lang)

    def shared_remarks(self, lang: Lang) -> list[str]:
        """Remarks that hold for all networks."""
        return self.shared.lines(lang, brief=self.options.brief)

    def statements(self, lang: Lang) -> list[str]:
        """Notices, and which runs are missing."""
        lines = statements(self.runs, lang)
        lines += [
            text("page.unreadable", lang, problem=translated(line, lang))
            for line in self.unreadable
        ]
        return lines + [
            text("page.incomparable", lang, problem=translated(line, lang))
            for line in self.incomparable
        ]


def _data_of(result: Result) -> Data:
    return Data(
        name=result.data_name,
        fingerprint=result.data_fingerprint,
        train=result.train_documents,
        validation=result.validation_documents,
        test=result.test_documents,
    )


def content_of(
    gathered: Gathered,
    say: Callable[[str], None] = lambda name: None,
    options: ReportOptions = FULL,
) -> Content:
    """Read and compute the content; `say` is called with each recipe name."""
    groups = group_runs(gathered.runs)
    networks = []
    for number, (group, curves) in enumerate(zip(groups, curves_of(groups), strict=True), start=1):
        say(group.name)
        networks.append(network_of(number, group, curves))
    shared, networks = split_shared(networks)
    comparisons, incomparable = compare_all(networks, gathered.baselines)
    plots = [plot for network in networks if (plot := network.headline) is not None]
    plots += [baseline_plot(one) for part in comparisons for one in part.baselines]
    return Content(
        runs=gathered.runs,
        groups=networks,
        comparisons=comparisons,
        origins=origins_of(networks),
        unreadable=gathered.problems,
        incomparable=incomparable,
        accuracy_scale=scale_of(plots, _LEAST_SPAN),
        options=options,
        shared=shared,
    )
