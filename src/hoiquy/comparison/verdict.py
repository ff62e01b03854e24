"""The verdict on a pair of candidates as text, in Vietnamese or English."""

from typing import Any

from hoiquy.comparison.baselines.tokens import OWN_WORDS
from hoiquy.comparison.candidates import Candidate
from hoiquy.comparison.compare import Comparison
from hoiquy.comparison.pairs import Pair
from hoiquy.messages import Lang, catalogue, text


def verdict_text(pair: Pair, comparison: Comparison, lang: Lang) -> str:
    """The verdict on a pair and what it applies to."""
    sentence = sentence_text(pair, comparison, lang)
    return f"{sentence} {scope_text(pair, comparison, lang)}"


def sentence_text(pair: Pair, comparison: Comparison, lang: Lang) -> str:
    """The verdict alone; the better candidate, if any, is named first."""
    first, second = comparison.candidate(pair.first), comparison.candidate(pair.second)
    difference, low, high = pair.difference, pair.low, pair.high
    if pair.verdict == "second_better":
        first, second = second, first
        difference, low, high = -difference, -high, -low
    return text(
        f"verdict.{verdict_key(pair)}",
        lang,
        **_accuracies(first, second, lang),
        difference=difference,
        low=low,
        high=high,
        p=pair.adjusted_p,
        smallest=pair.smallest_visible,
    )


def verdict_key(pair: Pair) -> str:
    """Return "better" (the recipe), "better_trainings", "no_difference" or "same" (documents)."""
    if pair.detectable:
        return "better" if pair.test == "seeds" else "better_trainings"
    return "same" if pair.smallest_visible is None else "no_difference"


def scope_text(pair: Pair, comparison: Comparison, lang: Lang) -> str:
    """What the intervals are over and what the test applies to."""
    first, second = comparison.candidate(pair.first), comparison.candidate(pair.second)
    if pair.test == "documents":
        single, several = sorted((first, second), key=lambda one: len(one.predictions))
        values: dict[str, Any] = {"seeds": len(several.seeds)}
        values |= {"single": label_of(single, lang), "several": label_of(several, lang)}
        return text("verdict.scope_documents", lang, **values)
    kind = "seeds" if pair.test == "seeds" else "one_training"
    baseline = "_baseline" if second.kind == "baseline" else ""
    return text(
        f"verdict.scope_{kind}{baseline}",
        lang,
        first=label_of(first, lang),
        second=label_of(second, lang),
        first_seeds=len(first.seeds),
        second_seeds=len(second.seeds),
    )


def unread_text(candidate: Candidate, lang: Lang) -> str:
    """Why a baseline that could not read the documents is not compared."""
    assert candidate.facts is not None
    return text(
        "verdict.unread",
        lang,
        baseline=label_of(candidate, lang),
        words=candidate.facts.words_known,
        documents=candidate.facts.documents_known,
    )


def reading_texts(comparison: Comparison, lang: Lang) -> list[str]:
    """Which tokens the baselines read, and whether the networks read different ones."""
    tokens = {
        str(one.facts.settings.get("tokens", OWN_WORDS))
        for one in comparison.candidates
        if one.facts is not None and "words" in one.facts.settings
    }
    keys = {OWN_WORDS: "own", "characters": "characters"}
    found = [
        text(f"compare.reads_{keys.get(token, 'tokens')}", lang, tokenizer=token)
        for token in sorted(tokens)
    ]
    read = {run.recipe.text.tokenizer for one in comparison.candidates for run in one.runs}
    if found and len(read) > 1:
        found.append(text("compare.reads_differ", lang, tokenizers=", ".join(sorted(read))))
    return found


def label_of(candidate: Candidate, lang: Lang) -> str:
    """The label of a candidate; a baseline without a text in the catalogue keeps its name."""
    key = f"baseline.{candidate.label}"
    known = candidate.kind == "baseline" and key in catalogue(lang)
    return text(key, lang) if known else candidate.label


def _label_within(candidate: Candidate, lang: Lang) -> str:
    """The label of a candidate within a sentence."""
    key = f"baseline.{candidate.label}_within"
    known = candidate.kind == "baseline" and key in catalogue(lang)
    return text(key, lang) if known else label_of(candidate, lang)


def _accuracies(first: Candidate, second: Candidate, lang: Lang) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for position, candidate in (("first", first), ("second", second)):
        low, high = candidate.interval()
        name = label_of if position == "first" else _label_within
        values[position] = name(candidate, lang)
        values[f"{position}_accuracy"] = candidate.accuracy
        values[f"{position}_low"], values[f"{position}_high"] = low, high
    return values
