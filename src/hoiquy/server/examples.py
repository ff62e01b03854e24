"""Texts to try a model on: test documents of its run, or invented reviews for IMDB."""

import logging

from hoiquy.errors import HoiquyError
from hoiquy.runs.examples import WORDS
from hoiquy.runs.examples_of_run import examples_of
from hoiquy.runs.folder import Run, load_run
from hoiquy.runs.imdb_data import is_imdb
from hoiquy.server.schemas import ExampleText
from hoiquy.server.served_runs import ServedRuns

logger = logging.getLogger(__name__)

_REVIEWS = (
    "The first hour is slow and the jokes are old. I was ready to leave. But then the story "
    "turns, the acting is wonderful, and the ending is one of the best I have seen.",
    "A great cast and beautiful music, and still a waste of time. The plot makes no sense, the "
    "dialogue is awful, and after two hours I was only bored.",
    "Not bad at all. I did not find one boring minute in it.",
)


def example_texts(runs: ServedRuns, name: str) -> list[ExampleText]:
    """Texts in the language and classes of a run; none if it keeps none, or is damaged.

    Raises HTTPException 404.
    """
    folder = runs.folder(name)
    try:
        run = load_run(folder)
        if is_imdb(run.result.data):  # its reviews are longer than most networks read
            return [ExampleText(text=text, labels=None, correct=None) for text in _REVIEWS]
        return [*_correct(run), *_misclassified(run)]
    except (HoiquyError, OSError) as error:
        logger.warning("no examples for %s: %s", name, error)
        return []


def _correct(run: Run) -> list[ExampleText]:
    return [
        ExampleText(text=one.text, labels=_names(run, one.label), correct=True)
        for one in examples_of(run)
    ]


def _misclassified(run: Run) -> list[ExampleText]:
    """One of the most confident errors, of a length that is easy to read."""
    misclassified = run.misclassified()
    errors = misclassified.most_confident if misclassified is not None else ()
    errors = tuple(error for error in errors if error.text.strip())
    if not errors:
        return []
    error = min(errors, key=lambda error: abs(len(error.text.split()) - WORDS))
    return [ExampleText(text=error.text, labels=_names(run, error.label), correct=False)]


def _names(run: Run, label: int | tuple[int, ...]) -> tuple[str, ...]:
    numbers = label if isinstance(label, tuple) else (label,)
    return tuple(run.result.classes[number] for number in numbers)
