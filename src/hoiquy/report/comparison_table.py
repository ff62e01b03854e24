"""A comparison as two tables and sentences, for the terminal and for `comparison.md`."""

from hoiquy.comparison import Candidate, Comparison, Pair, label_of
from hoiquy.comparison.pairs import is_majority_class
from hoiquy.comparison.verdict import reading_texts, sentence_text, unread_text, verdict_key
from hoiquy.messages import Lang, text
from hoiquy.report.exercises import structure_of

NOTHING = "–"

Table = tuple[list[str], list[list[str]]]  # header and rows


def candidate_table(comparison: Comparison, lang: Lang) -> Table:
    """The candidates: name, network, accuracy, seeds, parameters, time of one training."""
    columns = ("candidate", "network", "accuracy", "seeds", "parameters", "time")
    header = [text(f"compare.{column}", lang) for column in columns]
    return header, [_candidate(candidate, lang) for candidate in comparison.candidates]


def pair_table(comparison: Comparison, lang: Lang) -> Table:
    """The pairs: names, difference, interval, p, verdict."""
    columns = ("pair", "difference", "interval", "p", "verdict")
    header = [text(f"compare.{column}", lang) for column in columns]
    return header, [_pair(pair, comparison, lang) for pair in comparison.pairs]


def verdict_lines(comparison: Comparison, lang: Lang) -> tuple[list[str], list[str]]:
    """One sentence per pair or unreadable baseline; and what the verdicts apply to."""
    sentences = [sentence_text(pair, comparison, lang) for pair in comparison.pairs]
    sentences += [unread_text(one, lang) for one in comparison.unread]
    seeds = [pair.test == "seeds" for pair in comparison.pairs]
    scopes = [text("compare.scope_seeds", lang)] if any(seeds) else []
    scopes += [text("compare.scope_trainings", lang)] if not all(seeds) else []
    return sentences, scopes


def legend(comparison: Comparison, lang: Lang) -> list[str]:
    """The notes below the tables."""
    alone = [is_majority_class(comparison.candidate(pair.second)) for pair in comparison.pairs]
    return [
        text("compare.legend_intervals", lang),
        text("compare.legend_pairs", lang, pairs=alone.count(False)),
        *([text("compare.legend_majority", lang)] if any(alone) else []),
        *reading_texts(comparison, lang),
    ]


def short_verdict(pair: Pair, better: str, lang: Lang) -> str:
    """The verdict in a few words; `better` is the label of the better candidate."""
    smallest = pair.smallest_visible
    return text(f"compare.{verdict_key(pair)}", lang, first=better, smallest=smallest)


def _candidate(candidate: Candidate, lang: Lang) -> list[str]:
    network = (
        structure_of(candidate.runs[0], lang) if candidate.runs else text("compare.baseline", lang)
    )
    low, high = candidate.interval()
    return [
        label_of(candidate, lang),
        network,
        text("table.accuracy_interval", lang, accuracy=candidate.accuracy, low=low, high=high),
        ", ".join(map(str, candidate.seeds)) or NOTHING,
        text("table.parameters_all", lang, parameters=candidate.parameters),
        text("table.seconds", lang, seconds=candidate.seconds),
    ]


def _pair(pair: Pair, comparison: Comparison, lang: Lang) -> list[str]:
    first, second = (label_of(comparison.candidate(n), lang) for n in (pair.first, pair.second))
    verdict = short_verdict(pair, first if pair.difference > 0 else second, lang)
    return [
        text("compare.against", lang, first=first, second=second),
        text("compare.points", lang, difference=pair.difference),
        text("compare.ends", lang, low=pair.low, high=pair.high),
        text("compare.p_value", lang, p=pair.adjusted_p).removeprefix("= "),
        verdict,
    ]
