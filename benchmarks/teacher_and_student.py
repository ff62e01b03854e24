"""The accuracy of the teacher and the student of a self-training, on other films."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import hoiquy
from hoiquy.comparison.baselines.tokens import tokens_of
from hoiquy.data.dataset import Dataset
from hoiquy.data.imdb.archive import read_archive
from hoiquy.data.imdb.folder import ENCODING, UNLABELLED
from hoiquy.nn.losses import log_probabilities
from hoiquy.recipe.overrides import parse_settings
from hoiquy.training.encoding.prepare import labelled_parts
from hoiquy.training.stacking import combined
from hoiquy.workflows.distillation.soft_labels import load_soft_labels
from hoiquy.workflows.distillation.teachers import NB_SVM, load_teacher, with_soft_labels_of
from hoiquy.workflows.self_training import SOFT_LABELS, TEACHER
from recipe_ablation import training_reviews


def by_film(archive: Path) -> Dataset:
    """Reviews of other films as those to test on; a part of the others is validated on."""
    cut = training_reviews(archive, at_random=False)
    assert cut.validation is not None
    return Dataset(cut.name, cut.classes, cut.train, cut.validation, cut.description, False)


def unlabelled(archive: Path) -> list[str]:
    reviews = read_archive(archive, ("train",), (UNLABELLED,), None)
    return [reviews[key].decode(ENCODING) for key in sorted(reviews)]


def accuracy(answers: NDArray[Any], labels: NDArray[np.int32]) -> str:
    return f"{100 * float((answers.argmax(axis=1) == labels).mean()):.2f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe")
    parser.add_argument("--data", type=Path, required=True, metavar="aclImdb_v1.tar.gz")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    asked = parser.parse_args()
    dataset, texts = by_film(asked.data), unlabelled(asked.data)
    settings = parse_settings(asked.set)
    student = hoiquy.train(dataset, asked.recipe, asked.out, settings=settings, unlabelled=[texts])
    teacher = hoiquy.load_run(student.folder / TEACHER)
    weights = [one.weight for one in load_soft_labels(student.folder / SOFT_LABELS).facts.teachers]
    print("| | network | NB-SVM | together | processor seconds |\n|---|---|---|---|---|")
    print(row("teacher", teacher, dataset, weights), flush=True)
    print(row("student", student, dataset), flush=True)


def row(name: str, run: hoiquy.Run, dataset: Dataset, weights: Sequence[float] = ()) -> str:
    """Accuracy of the network, of NB-SVM on the same documents, and of both combined."""
    known = with_soft_labels_of(run, labelled_parts(run.recipe, dataset)[0])
    machine = load_teacher(NB_SVM, dataset, known, lambda event: None, tokens_of([run]))
    predicted = [run.predictions().probabilities, machine.predict(dataset.test.texts)]
    if weights:
        predicted.append(combined([log_probabilities(one) for one in predicted], weights))
    shown = [accuracy(one, dataset.test.labels) for one in predicted] + [""] * (3 - len(predicted))
    return f"| {name} | {' | '.join(shown)} | {run.cost().processor_seconds:.0f} |"


if __name__ == "__main__":
    main()
