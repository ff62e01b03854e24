"""How to reproduce the runs: commands, data, machine, versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hoiquy.messages import Lang
from hoiquy.report.data_words import data_words
from hoiquy.report.lab_closing import environment_of
from hoiquy.report.page.network import Network
from hoiquy.report.repetition import repetition_of, repetition_sentences
from hoiquy.runs.files import Result
from hoiquy.runs.folder import Run

UNKNOWN = "?"
_OF_ONE_RUN = ("command", "seed")


@dataclass(frozen=True)
class Origin:
    """Runs with the same data, machine and versions; commands and seeds may differ."""

    members: Sequence[tuple[Network, Run]]
    environment: Mapping[str, Any]  # empty if missing
    commands: Sequence[str]

    @property
    def result(self) -> Result:
        return self.members[0][1].result

    @property
    def seeds(self) -> list[int]:
        return sorted({run.result.seed for _, run in self.members})

    @property
    def changes(self) -> list[str]:
        """Versions or processors that changed when a run was resumed."""
        return list(dict.fromkeys(line for _, run in self.members for line in run.result.changes))

    @property
    def versions(self) -> str:
        packages = self.environment.get("packages")
        named = {"Python": self.fact("python"), **(packages if isinstance(packages, dict) else {})}
        return ", ".join(f"{name} {version}" for name, version in named.items())

    def repetition(self, lang: Lang) -> str:
        """How to get the numbers again; it is the same way for all members."""
        ways = [(run, repetition_of(run, self.environment)) for _, run in self.members[:1]]
        ((sentence, _),) = repetition_sentences(ways, lang)
        return sentence

    def data_words(self, lang: Lang) -> str:
        """What the data is."""
        return data_words(self.result, lang)

    def fact(self, name: str) -> str:
        return str(self.environment.get(name, UNKNOWN))

    def names(self, lang: Lang) -> list[str]:
        return list(dict.fromkeys(network.label(lang) for network, _ in self.members))


def origins_of(networks: Sequence[Network]) -> list[Origin]:
    """Group runs with the same origin."""
    alike: dict[str, list[tuple[Network, Run, Mapping[str, Any]]]] = {}
    for network in networks:
        for run in network.runs:
            environment = environment_of(run)
            alike.setdefault(_kind(run, environment), []).append((network, run, environment))
    return [
        Origin(
            [(network, run) for network, run, _ in members],
            members[0][2],
            list(dict.fromkeys(str(e["command"]) for _, _, e in members if e.get("command"))),
        )
        for members in alike.values()
    ]


def _kind(run: Run, environment: Mapping[str, Any]) -> str:
    shared = {name: fact for name, fact in environment.items() if name not in _OF_ONE_RUN}
    result = run.result
    counts = (result.train_documents, result.validation_documents, result.test_documents)
    way = repetition_of(run, environment)
    return repr((result.data, result.data_fingerprint, counts, result.engine, way, shared))
