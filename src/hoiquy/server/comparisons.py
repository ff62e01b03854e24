"""Two runs compared, with the verdict of `hoiquy compare`."""

from hoiquy.comparison import Candidate, compare_runs
from hoiquy.comparison.verdict import scope_text, sentence_text
from hoiquy.errors import RunError
from hoiquy.messages import Lang
from hoiquy.runs.folder import load_run
from hoiquy.server.errors import api_error
from hoiquy.server.schemas import Compared, Comparison
from hoiquy.server.served_runs import ServedRuns


def compare(runs: ServedRuns, first: str, second: str, lang: Lang) -> Comparison:
    """Compare two runs. Raises HTTPException 404, or 409 if they cannot be compared."""
    names = {runs.folder(name): name for name in (first, second)}
    try:
        loaded = [load_run(folder) for folder in names]
        if len({run.result.data_fingerprint for run in loaded}) > 1:
            raise api_error(
                409, "other_data", "these runs were trained and tested on different data"
            )
        comparison = compare_runs(loaded)
    except RunError as error:
        message = str(error)
        for folder, name in names.items():
            message = message.replace(str(folder), name)
        raise api_error(409, "not_comparable", message) from error
    if not comparison.pairs:
        raise api_error(
            409,
            "same_network",
            "these runs differ only in the seed: choose two different recipes",
        )
    pair, result = comparison.pairs[0], loaded[0].result
    one, other = comparison.candidates
    return Comparison(
        first=_compared(first, one),
        second=_compared(second, other),
        documents=comparison.documents,
        data=result.data_name,
        official_test=result.official_test,
        difference=pair.difference,
        interval=(pair.low, pair.high),
        p_value=pair.p_value,
        verdict=pair.verdict,
        smallest_visible=pair.smallest_visible,
        sentence=sentence_text(pair, comparison, lang),
        scope=scope_text(pair, comparison, lang),
    )


def _compared(name: str, candidate: Candidate) -> Compared:
    return Compared(
        run=name,
        label=candidate.label,
        accuracy=candidate.accuracy,
        interval=candidate.interval(),
        seed=candidate.seeds[0],
        parameters=candidate.parameters,
    )
