"""The members of an ensemble in words and as a table: there are no curves to draw."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hoiquy.comparison.statistics import accuracy_interval
from hoiquy.errors import RunError
from hoiquy.messages import Lang, format_number, text
from hoiquy.report.exercises import member_name
from hoiquy.runs.ensemble import MEMBERS, Ensemble, Member, ensemble_of
from hoiquy.runs.files import PLAN, RESULT
from hoiquy.runs.folder import Run
from hoiquy.system.checksummed_files import read_checksummed
from hoiquy.system.json_files import parse_json

Table = tuple[list[str], list[list[str]]]  # header and rows


@dataclass(frozen=True)
class MembersInfo:
    """An ensemble with the number of networks that were trained for it.

    Attributes:
        ensemble: With its weights.
        interrupted: Whether its training is unfinished.
        tried: Networks in the run folder, with or without a weight.
        planned: Networks that its plan has, trained or not.
        multilabel: Whether documents may have several labels.
    """

    ensemble: Ensemble
    interrupted: bool
    tried: int
    planned: int
    multilabel: bool = False

    @property
    def key(self) -> str:
        """Key of the sentence, after "ensemble."."""
        if self.interrupted or any(one.kind == "network" for one in self.predicting):
            return "combined"
        if self.tried:
            return "linear_alone"
        return "linear_in_time" if self.planned else "linear_only"

    @property
    def predicting(self) -> list[Member]:
        """The members with a weight."""
        return [one for one in self.ensemble.members if one.weight > 0]

    def measures(self) -> Mapping[str, Any]:
        """The measures on held-out documents, by name."""
        held_out = self.ensemble.held_out
        correct = round(held_out.accuracy * held_out.documents)
        low, high = accuracy_interval(correct, held_out.documents)
        return {
            "documents": held_out.documents,
            "accuracy": held_out.accuracy,
            "low": low,
            "high": high,
            "macro_f1": held_out.macro_f1,
            "log_loss": held_out.log_loss,
        }

    def sentence(self, lang: Lang) -> str:
        """Which members predict, and how good they are on held-out documents."""
        members = ", ".join(_described(one, lang) for one in self.predicting)
        which = text(f"ensemble.{self.key}", lang, members=members)
        measured = "ensemble.held_out_several" if self.multilabel else "ensemble.held_out"
        return f"{which} {text(measured, lang, **self.measures())}"

    def table(self, lang: Lang) -> Table:
        """A row for each member, also for those without a weight."""
        header = [text(f"ensemble.{column}", lang) for column in ("member", "weight", "models")]
        rows = [
            [
                member_name(one, lang),
                format_number(one.weight, "decimal2", lang),
                format_number(len(one.models), "integer", lang),
            ]
            for one in self.ensemble.members
        ]
        return header, rows


def members_of(run: Run) -> MembersInfo | None:
    """The members of a run; None for a single network or before the first model.

    Raises RunError if `ensemble.json` is damaged.
    """
    ensemble = ensemble_of(run)
    if ensemble is None:
        return None
    tried = sum(1 for _ in (run.folder / MEMBERS).glob(f"*/{RESULT}"))
    result = run.result
    interrupted = result.status == "interrupted"
    return MembersInfo(ensemble, interrupted, tried, _planned(run), result.multilabel)


def _planned(run: Run) -> int:
    """The number of networks in the plan, 0 if it cannot be read."""
    try:
        content = read_checksummed(run.folder, PLAN)
        return len(parse_json(_Plan, content, PLAN).networks)
    except RunError:
        return 0


@dataclass(frozen=True)
class _Plan:
    """The part of `plan.json` that is read here."""

    networks: Mapping[str, str]


def _described(member: Member, lang: Lang) -> str:
    key = "ensemble.one" if len(member.models) == 1 else "ensemble.several"
    values = {
        "name": member_name(member, lang),
        "weight": member.weight,
        "models": len(member.models),
    }
    return text(key, lang, **values)
