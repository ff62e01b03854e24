"""The test accuracy of several runs combined, with NB-SVM or without."""

import argparse

import hoiquy
from hoiquy.comparison.baselines.tokens import tokens_of
from hoiquy.nn.losses import log_probabilities
from hoiquy.training.encoding.prepare import labelled_parts
from hoiquy.training.stacking import combined, fit_stacking_weights
from hoiquy.workflows.distillation.teachers import (
    first_run,
    load_teacher,
    named_teachers,
    with_soft_labels_of,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("teachers", nargs="+", metavar="RUN|nb-svm")
    parser.add_argument("--data", required=True, metavar="aclImdb_v1.tar.gz")
    asked = parser.parse_args()
    chosen, dataset = named_teachers(asked.teachers), hoiquy.load_dataset(asked.data)
    first = first_run(chosen)
    learnt, validation = labelled_parts(first.recipe, dataset)
    learnt = with_soft_labels_of(first, learnt)
    of_validation, of_test = [], []
    for one in chosen:
        teacher = load_teacher(one, dataset, learnt, lambda event: None, tokens_of([first]))
        of_validation.append(log_probabilities(teacher.predict(validation.texts)))
        of_test.append(log_probabilities(teacher.predict(dataset.test.texts)))
    weights = fit_stacking_weights(of_validation, validation.labels)
    labels = dataset.test.labels
    for name, weight, answers in zip(asked.teachers, weights, of_test, strict=True):
        print(
            f"{name}: {100 * (answers.argmax(axis=1) == labels).mean():.2f} %, weight {weight:.3f}"
        )
    answers = combined(of_test, weights)
    print(f"together: {100 * (answers.argmax(axis=1) == labels).mean():.2f} %")


if __name__ == "__main__":
    main()
