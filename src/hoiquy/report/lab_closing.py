"""The end of the report: LSTM against GRU, and how to reproduce the runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hoiquy.comparison import Comparison, compare_runs, verdict_text
from hoiquy.errors import RunError
from hoiquy.messages import Lang, text
from hoiquy.report.data_words import data_words
from hoiquy.report.document.blocks import Block, Bullets, Code, Heading, Paragraph
from hoiquy.report.exercises import exercise_label
from hoiquy.report.repetition import repetition_of, repetition_sentences
from hoiquy.runs.folder import Run

# exercise 5 asks for a comparison with exercise 3: full with full, quick with quick
_PAIRS = (("bai3", "bai5"), ("bai3-quick", "bai5-quick"))


@dataclass(frozen=True)
class LstmAgainstGru:
    """The comparison of exercise 5; its candidates are labelled LSTM and GRU."""

    lstm: str  # recipe names
    gru: str
    comparison: Comparison

    def heading(self, lang: Lang) -> str:
        names = f"{exercise_label(self.lstm, lang)}, {exercise_label(self.gru, lang)}"
        return f"{text('report.comparison', lang)} ({names})"

    def sentences(self, lang: Lang) -> list[str]:
        return [verdict_text(pair, self.comparison, lang) for pair in self.comparison.pairs]


def lstm_against_gru(runs: Sequence[Run]) -> list[LstmAgainstGru]:
    """Compare LSTM and GRU over all their seeds; empty if one of them is missing.

    Raises RunError if the runs of a pair were scored on different documents.
    """
    found = []
    for lstm, gru in _PAIRS:
        finished = [run for run in runs if run.result.status == "complete"]
        compared = [run for run in finished if run.recipe.name in (lstm, gru)]
        if {run.recipe.name for run in compared} != {lstm, gru}:
            continue
        comparison = compare_runs(compared).relabelled({lstm: "LSTM", gru: "GRU"})
        found.append(LstmAgainstGru(lstm, gru, comparison))
    return found


def reproduce_section(runs: Sequence[Run], lang: Lang) -> list[Block]:
    """Commands, data, seeds and machines of the runs; each fact once."""
    environments = [environment for run in runs if (environment := environment_of(run))]
    blocks: list[Block] = [Heading(2, text("report.reproduce", lang))]
    ways = [(run, repetition_of(run, environment_of(run))) for run in runs]
    for sentence, repeated in repetition_sentences(ways, lang):
        commands = _distinct(environment_of(run).get("command", "") for run in repeated)
        if commands:
            blocks += [Paragraph(sentence), Code("\n".join(commands))]
    facts = _distinct(line for run in runs for line in _facts_of_run(run, lang))
    seeds = sorted({run.result.seed for run in runs})
    facts.append(text("report.seeds_line", lang, seeds=", ".join(map(str, seeds))))
    facts += _distinct(
        line
        for run in runs
        for line in _facts_of_environment(environment_of(run), run.result.engine, lang)
    )
    if not environments:
        facts.append(text("report.no_environment", lang))
    return [*blocks, Bullets(facts)]


def environment_of(run: Run) -> dict[str, Any]:
    """Environment of a run, empty if its file is missing."""
    try:
        return run.environment()
    except RunError:
        return {}


def _facts_of_run(run: Run, lang: Lang) -> list[str]:
    result = run.result
    return [
        text("report.data_line", lang, data=result.data, description=data_words(result, lang)),
        text("report.fingerprint_line", lang, fingerprint=result.data_fingerprint),
        text(
            "report.counts_line",
            lang,
            train=result.train_documents,
            validation=result.validation_documents,
            test=result.test_documents,
        ),
    ]


def _facts_of_environment(environment: dict[str, Any], engine: str, lang: Lang) -> list[str]:
    if not environment:
        return []
    packages = {"python": environment.get("python", "?"), **environment.get("packages", {})}
    versions = ", ".join(f"{name} {version}" for name, version in packages.items())
    machine = {key: environment.get(key, "?") for key in ("processor", "platform")}
    settings = {key: environment.get(key, "?") for key in ("kernels", "threads")}
    return [
        text("report.engine_line", lang, engine=engine, **settings),
        text("report.machine_line", lang, **machine),
        text("report.versions_line", lang, versions=versions),
    ]


def _distinct(lines: Any) -> list[str]:
    """Each non-empty line once, in order."""
    return [line for line in dict.fromkeys(lines) if line]
