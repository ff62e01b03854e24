"""The concluding paragraph over the networks of a lab.

It says no more than the tests of the comparison: a network is better than another only where their
difference was detected, and too few documents rank nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hoiquy.comparison import Pair
from hoiquy.comparison.judgement import AccuracyJudgement
from hoiquy.errors import RunError
from hoiquy.messages import Lang, text
from hoiquy.report.exercises import exercise_name, is_quick
from hoiquy.report.page.comparisons import Compared
from hoiquy.report.page.network import Network
from hoiquy.report.scores import score_of

_DEPTH = ("bai3", "bai4")  # one recurrent layer, and two
_OVER_FITTING = ("over_fitting", "over_fitting_gap", "over_fitting_gap_only", "over_fitting_loss")
_NOT_OVER_FITTING = ("no_over_fitting", "under_fitting")


@dataclass(frozen=True, eq=False)
class _Judged:
    """A network in the comparison; `name` is that of the candidate."""

    name: str
    network: Network
    accuracy: float
    judged: AccuracyJudgement


def conclusion(networks: Sequence[Network], compared: Compared | None, lang: Lang) -> str:
    """The paragraph; empty unless two exercises of the lab were tested on the same data."""
    judged = _judged(compared) if compared else []
    if compared is None or len(judged) < 2 or not all(one.published for one in networks):
        return ""
    sentences: list[str] = []
    best = max(judged, key=lambda one: one.accuracy)
    if best.judged.too_few:
        documents = best.judged.documents
        sentences.append(text("conclusion.too_few", lang, documents=documents))
    else:
        sentences += _best(best, judged, compared, lang)
        sentences += _by_input(judged, lang)
        sentences += _depth(judged, compared, lang)
        sentences += _cells(compared, lang)
    sentences += _over_fitting([one.network for one in judged], lang)
    sentences += _limits(networks, judged, lang)
    return " ".join(sentences)


def _judged(compared: Compared) -> list[_Judged]:
    found = []
    for name, network in compared.networks.items():
        try:
            judged = score_of(network.detail.run)
        except RunError:  # damaged predictions, which the section of the network reports
            continue
        if judged is not None:
            accuracy = compared.comparison.candidate(name).accuracy
            found.append(_Judged(name, network, accuracy, judged))
    return found


def _best(
    best: _Judged, judged: Sequence[_Judged], compared: Compared, lang: Lang
) -> Iterator[str]:
    seeds = len(compared.comparison.candidate(best.name).seeds)
    yield text(
        "conclusion.best_seeds" if seeds > 1 else "conclusion.best",
        lang,
        count=len(judged),
        name=best.network.label(lang),
        accuracy=best.accuracy,
        seeds=seeds,
        low=best.judged.low,
        high=best.judged.high,
    )
    others = [one for one in judged if one is not best]
    planned = _planned_names(compared)
    if best.network.group.name in planned:  # the planned comparison has its own sentence
        others = [one for one in others if one.network.group.name not in planned]
    equal = [one for one in others if not _pair(best, one, compared).detectable]
    if equal:
        yield text("conclusion.as_good", lang, names=_names(equal, lang))
    elif len(others) == len(judged) - 1:
        yield text("conclusion.all_different", lang)


def _planned_names(compared: Compared) -> list[str]:
    return [name for one in compared.planned for name in (one.lstm, one.gru)]


def _pair(first: _Judged, second: _Judged, compared: Compared) -> Pair:
    names = {first.name, second.name}
    return next(pair for pair in compared.pairs if {pair.first, pair.second} == names)


def _by_input(judged: Sequence[_Judged], lang: Lang) -> Iterator[str]:
    """What reads ranks as numbers and is at chance level, and what has an embedding and is not."""
    inputs = {one.name: one.network.detail.run.recipe.model.input for one in judged}
    ranks = [one for one in judged if inputs[one.name] == "values" and one.judged.chance_key]
    embedded = [one for one in judged if inputs[one.name] == "indices"]
    if not ranks:
        return
    yield _range("conclusion.at_chance", ranks, lang)
    if embedded and all(one.judged.is_useful for one in embedded):
        yield _range("conclusion.embedding_helps", embedded, lang)


def _range(key: str, judged: Sequence[_Judged], lang: Lang) -> str:
    accuracies = [one.accuracy for one in judged]
    return text(
        key if len(judged) > 1 else f"{key}_one",
        lang,
        names=_names(judged, lang),
        low=min(accuracies),
        high=max(accuracies),
        majority=judged[0].judged.majority,
    )


def _depth(judged: Sequence[_Judged], compared: Compared, lang: Lang) -> Iterator[str]:
    """Two recurrent layers against one."""
    for suffix in ("", "-quick"):
        found = [
            [one for one in judged if one.network.group.name == f"{name}{suffix}"]
            for name in _DEPTH
        ]
        if all(len(one) == 1 for one in found):
            (first,), (second,) = found
            pair = _pair(first, second, compared)
            labels = (first.network.label(lang), second.network.label(lang))
            yield _difference("depth", pair, second.name, labels, lang)


def _cells(compared: Compared, lang: Lang) -> Iterator[str]:
    """GRU against LSTM, by the planned comparison, and what each cost."""
    for planned in compared.planned:
        by_name = {network.group.name: network for network in compared.networks.values()}
        lstm, gru = by_name[planned.lstm], by_name[planned.gru]
        pairs = planned.comparison.pairs
        if len(pairs) != 1:  # several settings of an exercise
            continue
        label = planned.comparison.candidate
        name = next(one for one in (pairs[0].first, pairs[0].second) if label(one).label == "GRU")
        labels = (lstm.label(lang), gru.label(lang))
        yield _difference("cells", pairs[0], name, labels, lang)
        if lstm.detail.cost and gru.detail.cost:
            yield text(
                "conclusion.cost",
                lang,
                gru=_trained(gru),
                lstm=_trained(lstm),
                gru_seconds=gru.detail.cost.seconds,
                lstm_seconds=lstm.detail.cost.seconds,
            )


def _difference(kind: str, pair: Pair, second: str, labels: tuple[str, str], lang: Lang) -> str:
    """The verdict on the candidate named `second` against the other; labels in that order."""
    difference, low, high = pair.difference, pair.low, pair.high
    if pair.second == second:
        difference, low, high = -difference, -high, -low
    verdict = "no_difference"
    if pair.detectable:
        verdict = "better" if difference > 0 else "worse"
    return text(
        f"conclusion.{kind}_{verdict}",
        lang,
        first=labels[0],
        second=labels[1],
        difference=difference,
        low=low,
        high=high,
    )


def _trained(network: Network) -> int:
    result = network.detail.run.result
    return result.parameters - result.unreachable_parameters


def _over_fitting(networks: Sequence[Network], lang: Lang) -> Iterator[str]:
    keys = [{remark.key for remark in one.detail.remarks} for one in networks]
    found = [
        network.label(lang)
        for network, of_it in zip(networks, keys, strict=True)
        if of_it & {*_OVER_FITTING}
    ]
    if found:
        yield text("conclusion.over_fitting", lang, names=", ".join(found))
    elif all(of_it & {*_NOT_OVER_FITTING} for of_it in keys):
        yield text("conclusion.no_over_fitting", lang)


def _limits(networks: Sequence[Network], judged: Sequence[_Judged], lang: Lang) -> Iterator[str]:
    """What the paragraph does not cover."""
    if all(len(one.network.runs) == 1 for one in judged):
        yield text("conclusion.one_training", lang)
    missing = [one for one in networks if one not in [known.network for known in judged]]
    if missing:
        yield text("conclusion.missing", lang, names=", ".join(one.label(lang) for one in missing))
    if all(is_quick(one.network.group.name) for one in judged):
        yield text("conclusion.quick", lang)


def _names(judged: Sequence[_Judged], lang: Lang) -> str:
    ordered = sorted(judged, key=lambda one: exercise_name(one.network.group.name))
    return ", ".join(one.network.label(lang) for one in ordered)
