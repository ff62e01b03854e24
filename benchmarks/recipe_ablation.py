"""The accuracy of a recipe without each of its parts."""

import argparse
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hoiquy.comparison.baselines.nb_svm import NbSvm
from hoiquy.comparison.baselines.tokens import Tokens
from hoiquy.data.dataset import Dataset, Documents
from hoiquy.data.imdb.archive import read_archive
from hoiquy.data.imdb.folder import CLASSES, ENCODING
from hoiquy.nn.model import Model
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.loop import FittedModel, fit

RUNS, KEPT_BACK = 200, 56
WHOLE = "whole"
Shares = dict[str, NDArray[np.float64]]  # (documents,) of seeds that are right, by what answers
WITHOUT = {
    "no wide part": ["model.wide=false"],
    "no n-grams": ["text.ngrams=1"],
    "words and pairs only": ["text.ngrams=2"],
    "no punctuation": ["text.tokenizer=unicode"],
    "embeddings begin as in Keras": ["model.layers.0.initial_limit=0.05"],
    "no words dropped": ["model.layers.0.word_dropout=0.0"],
    "no adversarial training": ["training.adversarial_epsilon=0.0"],
    "200 words": ["data.max_length=200"],
    "400 words": ["data.max_length=400"],
    "10,000 words known": ["text.num_words=10000"],
    "mean over time": ["model.layers.3.over_time=mean"],
    "one direction": ["model.layers.2.bidirectional=false"],
    "no features dropped before the GRU": ["model.layers.1.rate=0.0"],
}


def training_reviews(archive: Path, at_random: bool) -> Dataset:
    """The official training documents, cut in two such that no film is on both sides.

    The reviews of a film have neighbouring numbers, and the official test reviews are of other
    films: so 56 of 200 runs of neighbours are kept back. Reviews kept back at random would make
    every recipe look one to two points better, and those best that learn names: at_random.
    """
    reviews = read_archive(archive, ("train",), CLASSES, None)
    texts, labels, runs = [], [], []
    for label, name in enumerate(CLASSES):
        files = sorted((key for key in reviews if key[1] == name), key=_number)
        texts += [reviews[key].decode(ENCODING) for key in files]
        labels += [label] * len(files)
        runs += [RUNS * place // len(files) for place in range(len(files))]
    rng = np.random.default_rng(3)
    back = np.isin(runs, rng.permutation(RUNS)[:KEPT_BACK])
    back = rng.permutation(back) if at_random else back

    def part(rows: NDArray[np.int64]) -> Documents:
        order = rng.permutation(rows)
        return Documents([texts[row] for row in order], np.array(labels, np.int32)[order])

    learnt, chosen_by = part(np.flatnonzero(~back)), part(np.flatnonzero(back))
    no_test = Documents(chosen_by.texts[:10], chosen_by.labels[:10])
    return Dataset(
        "training reviews", CLASSES, learnt, no_test, "the official training reviews, cut by film",
        False, validation=chosen_by,
    )  # fmt: skip


def _number(key: tuple[str, str, str]) -> int:
    """Of a file such as 123_7.txt."""
    return int(key[2].partition("_")[0])


def right(recipe: Recipe, prepared: Prepared, seeds: int, parts: bool) -> tuple[Shares, float]:
    """For each document the share of seeds that are right, and processor seconds of a training.

    By what answers: the whole model, and its parts alone if asked for and there are two.
    """
    shares, seconds = {WHOLE: np.zeros(len(prepared.validation))}, 0.0
    for more in range(seeds):
        seed = recipe.training.seed + more
        begin = time.process_time()
        fitted = fit(recipe.with_settings([f"training.seed={seed}"]), prepared)
        seconds += (time.process_time() - begin) / seeds
        models = answering(fitted.model) if parts else {WHOLE: fitted.model}
        for name, model in models.items():
            scores = FittedModel(model, []).score(prepared.validation)
            answers = scores.probabilities.argmax(axis=1)
            shares.setdefault(name, np.zeros(len(answers)))
            shares[name] += (answers == prepared.validation.labels) / seeds
    return shares, seconds


def answering(model: Model) -> dict[str, Model]:
    """The model and, where it has two parts, each of them alone."""
    if model.wide is None:
        return {WHOLE: model}
    layers, wide = model.branches()
    return {WHOLE: model, "its layers alone": layers, "its wide part": wide}


def naive_bayes_svm(dataset: Dataset) -> float:
    """Its accuracy on the same reviews."""
    assert dataset.validation is not None
    machine = NbSvm(len(CLASSES), Tokens())
    machine.fit(dataset.train.texts, np.asarray(dataset.train.labels))
    answers = machine.probabilities(dataset.validation.texts).argmax(axis=1)
    return float((answers == dataset.validation.labels).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe")
    parser.add_argument("--data", type=Path, required=True, metavar="aclImdb_v1.tar.gz")
    parser.add_argument("--only", action="append", choices=WITHOUT)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--at-random", action="store_true", help="keep back reviews, not films")
    asked = parser.parse_args()
    recipe, dataset = load_recipe(asked.recipe), training_reviews(asked.data, asked.at_random)
    changed = {name: recipe.with_settings(WITHOUT[name]) for name in asked.only or WITHOUT}
    print("| what | accuracy | difference in points | processor seconds |\n|---|---|---|---|")
    print(f"| naive Bayes SVM | {100 * naive_bayes_svm(dataset):.2f} % | | |", flush=True)
    reference: NDArray[np.float64] | None = None
    for name, other in {WHOLE: recipe, **changed}.items():
        if name != WHOLE and other == recipe:
            continue
        found, seconds = right(other, prepare(other, dataset), asked.seeds, name == WHOLE)
        reference = found[WHOLE] if reference is None else reference
        for part, shares in found.items():
            gap = 100 * (shares - reference)
            error = 1.96 * gap.std() / np.sqrt(len(gap))
            shown = "" if not gap.any() else f"{gap.mean():+.2f} ± {error:.2f}"
            what = name if part == WHOLE else part
            print(f"| {what} | {100 * shares.mean():.2f} % | {shown} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
