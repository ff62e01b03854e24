"""`plan.json`: what an ensemble is made of, and the models in the order in which they were begun.

A plan decides by the time left. What it decided is recorded first, so a training that is resumed or
repeated trains the same models.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import FiniteFloat

from hoiquy.linear.features import NgramSettings
from hoiquy.recipe.recipe import Recipe, parse_recipe
from hoiquy.runs.ensemble import Metric
from hoiquy.runs.files import PLAN
from hoiquy.system.checksummed_files import read_checksummed, write_checksummed
from hoiquy.system.json_files import as_json, parse_json
from hoiquy.workflows.ensemble.candidates import Candidate


@dataclass(frozen=True)
class PlannedModel:
    """A network on a fold."""

    member: str
    fold: int  # from 0

    @property
    def folder(self) -> str:
        """The name of its folder."""
        return f"{self.member}-{1 + self.fold}"


@dataclass(frozen=True)
class Plan:
    """The content of `plan.json`.

    Attributes:
        metric: What is aimed at.
        minutes: The time budget, if any.
        words, characters, across_words, most: n-grams of the linear classifier, as in
            `NgramSettings`; no `characters` where they do not count.
        within_words: n-grams of characters within words that are tried beside those across words;
            none where they are not, and once the better ones are chosen.
        networks: The recipe of each candidate, in TOML, in the order in which they are tried.
        further: Those of them that are tried where there is time.
        models: The networks that were begun.
        penalties: Those of which the linear classifier has the best; None before they are chosen.
        chosen: The candidates that are trained on every fold, the best first; None before all were
            tried.
        settings: Of the user, for every network.
        soft_labelled: How many texts without labels the networks of the first folds train on as
            well; none where there is no time, None before the first fold is planned.
        texts_sha256: Of the texts without labels, as `fingerprint` gives it.
    """

    metric: Metric
    minutes: FiniteFloat | None
    words: int
    characters: list[int]
    across_words: bool
    most: int
    within_words: list[int]
    networks: Mapping[str, str]
    further: list[str] = field(default_factory=list)
    models: list[PlannedModel] = field(default_factory=list)
    penalties: list[FiniteFloat] | None = None
    chosen: list[str] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    soft_labelled: list[int] | None = None
    texts_sha256: str | None = None

    @property
    def ngrams(self) -> list[NgramSettings]:
        """The n-grams of the linear classifier, or those that are tried for it."""
        first = NgramSettings(self.words, _lengths(self.characters), self.across_words, self.most)
        if not self.within_words:
            return [first]
        lengths = _lengths(self.within_words)
        return [first, replace(first, characters=lengths, across_words=False)]

    def with_ngrams(self, chosen: NgramSettings) -> "Plan":
        """The plan with the better ones of those that were tried."""
        characters = list(chosen.characters or ())
        return replace(
            self, characters=characters, across_words=chosen.across_words, within_words=[]
        )

    def candidates(self) -> list[Candidate]:
        """The networks with their recipes. Raises RecipeError."""
        return [Candidate(name, parse_recipe(toml, PLAN)) for name, toml in self.networks.items()]

    def begun(self, model: PlannedModel) -> "Plan":
        """The plan with one more model."""
        return replace(self, models=[*self.models, model])

    def with_recipe(self, name: str, recipe: Recipe) -> "Plan":
        """The plan with another recipe for a candidate."""
        return replace(self, networks={**self.networks, name: recipe.to_toml()})

    def save(self, folder: Path) -> None:
        """Write `plan.json`. Raises WriteError."""
        write_checksummed(folder, {PLAN: as_json(asdict(self))})


def _lengths(characters: Sequence[int]) -> tuple[int, int] | None:
    return (min(characters), max(characters)) if characters else None


def load_plan(folder: Path) -> Plan:
    """Read `plan.json`. Raises RunError."""
    return parse_json(Plan, read_checksummed(folder, PLAN), str(folder / PLAN))


def has_plan(folder: Path) -> bool:
    """Whether an ensemble is trained in a run folder."""
    return (folder / PLAN).exists()
