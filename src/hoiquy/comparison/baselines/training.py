"""Train the baselines on a data set and save them in folders."""

import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hoiquy.comparison.baselines import majority, nb_svm, tfidf_logistic
from hoiquy.comparison.baselines.saved import (
    FACTS,
    Baseline,
    BaselineFacts,
    load_baseline,
    save_baseline,
)
from hoiquy.comparison.baselines.tokens import Tokens
from hoiquy.data.dataset import Dataset, Documents
from hoiquy.errors import DataError, RunError
from hoiquy.events import Listener, Preparing, ignore
from hoiquy.runs.arrays import Predictions

_METHODS: Mapping[str, Any] = {
    "majority": (majority.Majority, majority.SETTINGS, majority.WORDS),
    "tfidf-logistic": (tfidf_logistic.TfidfLogistic, tfidf_logistic.SETTINGS, tfidf_logistic.WORDS),
    "nb-svm": (nb_svm.NbSvm, nb_svm.SETTINGS, nb_svm.WORDS),
}
PROGRESS = {
    "majority": "training the baseline: majority class",
    "tfidf-logistic": "training the baseline: TF-IDF + logistic regression",
    "nb-svm": "training the baseline: NB-SVM",
}
LABS = Tokens()  # with the lab's networks
NAMES = tuple(_METHODS)


def train_baselines(
    dataset: Dataset,
    folder: Path | None = None,
    on_event: Listener = ignore,
    tokens: Tokens = LABS,
) -> list[Baseline]:
    """Train all baselines on a data set, or read those already saved in `folder/<name>`.

    tokens: those of the networks. Without a folder, nothing is saved. The same data set gives the
    same predictions, bit for bit.
    Raises DataError if the training documents have no words or a single class.
    """
    found = []
    for name in NAMES:
        place = folder / name if folder else None
        kept = _kept(place, name, dataset.fingerprint(), tokens) if place else None
        if kept is None:
            on_event(Preparing("baseline", PROGRESS[name]))
            kept = train_baseline(name, dataset, tokens)
            if place:
                save_baseline(kept, place)
        found.append(kept)
    return found


def kept_baselines(
    folders: Sequence[Path], fingerprint: str, tokens: Tokens = LABS
) -> list[Baseline]:
    """The saved baselines with this data and these tokens if all are found, otherwise none."""
    found = []
    for name in NAMES:
        places = (folder / name for folder in folders)
        kept = next((one for at in places if (one := _kept(at, name, fingerprint, tokens))), None)
        if kept is None:
            return []
        found.append(kept)
    return found


def train_baseline(name: str, dataset: Dataset, tokens: Tokens = LABS) -> Baseline:
    """Train one of `NAMES` on the training documents and score the test documents.

    Raises DataError if the training documents have no words or a single class.
    """
    from threadpoolctl import threadpool_limits

    began = time.perf_counter()
    classifier = fitted(name, dataset.train, len(dataset.classes), dataset.name, tokens)
    seconds = time.perf_counter() - began
    with threadpool_limits(limits=1):
        probabilities = classifier.probabilities(dataset.test.texts)
    words_known, documents_known = classifier.known(dataset.test.texts)
    facts = BaselineFacts(
        name=name,
        settings=settings_of(name, tokens),
        data=dataset.name,
        data_fingerprint=dataset.fingerprint(),
        classes=list(dataset.classes),
        seconds=seconds,
        parameters=classifier.parameters,
        words_known=words_known,
        documents_known=documents_known,
        multilabel=dataset.multilabel,
    )
    test = dataset.test
    return Baseline(facts, Predictions(test.labels, probabilities.astype(np.float32), test.lines))


def fitted(
    name: str, documents: Documents, classes: int, source: str, tokens: Tokens = LABS
) -> Any:
    """One of `NAMES`, fitted to these documents; it has `probabilities(texts)`.

    source: the data set's name. Raises DataError as `train_baseline` does.
    """
    from threadpoolctl import threadpool_limits

    classifier = _METHODS[name][0](classes, tokens)
    # several threads would sum in a different order each time
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about convergence
        try:
            classifier.fit(documents.texts, documents.labels)
        except ValueError as error:
            raise DataError(
                f"{source}: the baseline {name} cannot be trained on its documents: {error}"
            ) from error
    return classifier


def settings_of(name: str, tokens: Tokens = LABS) -> dict[str, float | str]:
    """The settings of one of `NAMES`, with its tokens."""
    _, settings, words = _METHODS[name]
    return dict(settings) | (tokens.facts(words) if words else {})


def _kept(folder: Path, name: str, fingerprint: str, tokens: Tokens) -> Baseline | None:
    """The baseline saved in a folder, if it is this one on this data and not damaged."""
    if not (folder / FACTS).exists():
        return None
    try:
        kept = load_baseline(folder)
    except RunError:
        return None
    same = kept.name == name and kept.facts.settings == settings_of(name, tokens)
    return kept if same and kept.facts.data_fingerprint == fingerprint else None
