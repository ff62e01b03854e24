"""Small data sets of invented words, and recipes with one fault each."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from hoiquy.data.dataset import Dataset, Documents
from hoiquy.recipe.recipe import Recipe, parse_recipe
from small_reviews import SMALL

FILLER = [f"word{number}" for number in range(30)]


def documents(count: int, seed: int, positive: float = 0.5, words: int = 12) -> Documents:
    """Texts of which "mango" or "lemon" tells the class; the share `positive` has mangoes."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(count) < positive * count).astype(np.int32)
    texts = []
    for label in labels:
        text = list(rng.choice(FILLER, words))
        text.insert(int(rng.integers(words)), ("lemon", "mango")[label])
        texts.append(" ".join(text))
    order = rng.permutation(count)
    return Documents([texts[at] for at in order], labels[order])


def reviews(train: int = 400, test: int = 200, positive: float = 0.5) -> Dataset:
    """A healthy data set: no text twice, all labels right."""
    return Dataset(
        name="invented",
        classes=("neg", "pos"),
        train=documents(train, 1, positive),
        test=documents(test, 2),
        description="invented words",
        official_test=False,
    )


def with_duplicates(data: Dataset, count: int) -> Dataset:
    """The first training documents in the test part too, with other white space."""
    copies = [text.replace(" ", "  ") for text in data.train.texts[:count]]
    labels = np.concatenate([data.train.labels[:count], data.test.labels[count:]])
    test = Documents([*copies, *data.test.texts[count:]], labels)
    return replace(data, test=test)


def with_wrong_labels(data: Dataset, rows: Sequence[int]) -> Dataset:
    labels = data.test.labels.copy()
    labels[list(rows)] = 1 - labels[list(rows)]
    return replace(data, test=Documents(data.test.texts, labels))


def with_random_labels(data: Dataset) -> Dataset:
    labels = np.random.default_rng(3).integers(0, 2, len(data.train)).astype(np.int32)
    return replace(data, train=Documents(data.train.texts, labels))


def named(count: int, seed: int, words: int = 1, telling: bool = False) -> Documents:
    """Texts of words that no other text has, with "o" or "a" at their ends by the class.

    telling: one word more, which tells the class.
    """
    rng = np.random.default_rng(seed)
    labels = (np.arange(count) % 2).astype(np.int32)
    texts = []
    for label in labels:
        letters = rng.choice(list("bdfgklmnprstv"), (words, 7))
        text = ["".join(word) + "ao"[label] for word in letters]
        texts.append(" ".join([*text, ("lemon", "mango")[label]] if telling else text))
    order = rng.permutation(count)
    return Documents([texts[at] for at in order], labels[order])


def names(words: int = 1, telling: bool = False) -> Dataset:
    parts = (named(count, seed, words, telling) for count, seed in ((400, 1), (200, 2)))
    return Dataset("invented", ("a", "o"), *parts, "invented names", official_test=False)


def many_words(train: int = 200) -> Dataset:
    """Ten words mark each class, among words that are rarely repeated."""
    parts = []
    for count, seed in ((train, 1), (200, 2)):
        rng = np.random.default_rng(seed)
        labels = (np.arange(count) % 2).astype(np.int32)
        texts = []
        for label in labels:
            text = [f"rare{number}" for number in rng.integers(0, 1000, 14)]
            text[3:3] = [f"{'ab'[label]}{number}" for number in rng.integers(0, 10, 2)]
            texts.append(" ".join(text))
        order = rng.permutation(count)
        parts.append(Documents([texts[at] for at in order], labels[order]))
    return Dataset("invented", ("a", "b"), *parts, "invented words", official_test=False)


def recipe(*settings: str) -> Recipe:
    return parse_recipe(SMALL, "small").with_settings(settings)


def stack(kind: str, count: int, units: int = 8, more: str = "") -> str:
    """The setting of a network of so many recurrent layers."""
    lower = f'{{type="{kind}", units={units}, return_sequences=true{more}}}'
    last = f'{{type="{kind}", units={units}{more}}}'
    return layers('{type="embedding", units=8}', *[lower] * (count - 1), last)


def layers(*rows: str) -> str:
    """The setting of a network of these layers, with a dense one at its end."""
    return f'model.layers=[{", ".join(rows)}, {{type="dense", activation="sigmoid"}}]'


RANKS = (
    'model={input="values", layers='
    '[{type="simple_rnn", units=8}, {type="dense", activation="sigmoid"}]}'
)
MEAN = layers(
    '{type="embedding", units=8}',
    '{type="lstm", units=8, return_sequences=true}',
    '{type="pooling", over_time="mean"}',
)
RELU = ', activation="relu"'


@dataclass(frozen=True)
class Fault:
    """A recipe or a data set with one fault, and what is to be found."""

    diagnostic: str
    settings: tuple[str, ...] = ()
    data: Dataset = field(default_factory=reviews)
    also: tuple[str, ...] = ()  # what follows from it
    cured: bool = True  # by the setting that is suggested; False where it says to look elsewhere

    def recipe(self) -> Recipe:
        return recipe("training.epochs=6", *self.settings)


FAULTS = {
    "ranks fed as magnitudes": Fault(
        "ranks_as_magnitudes", (RANKS,), also=("chance_from_ranks",)
    ),
    "padding after the words": Fault(
        "padding_forgotten_right", ('data.padding="right"', "data.max_length=60"),
        also=("chance_from_padding",),
    ),
    "a mean over much padding": Fault(
        "padding_forgotten_left", ("data.max_length=300", MEAN), also=("chance_from_padding",)
    ),
    "one class nine times as large": Fault(
        "class_imbalance", ("training.epochs=3",), reviews(positive=0.9),
        also=("chance_from_imbalance",),
    ),
    "training documents in the test": Fault("duplicates", data=with_duplicates(reviews(), 5)),
    "embedding rows that nothing reads": Fault("unreachable_rows", ("model.layers.0.rows=1000",)),
    "too many layers": Fault(
        "vanishing_gradients", (stack("lstm", 16),), also=("chance_from_gradients",)
    ),
    "relus that die": Fault(
        "vanishing_gradients", (stack("simple_rnn", 8, more=RELU),),
        also=("chance_from_gradients",),
    ),
    "a relu over many steps": Fault(
        "exploding_gradients",
        (stack("simple_rnn", 1, 16, RELU), "data.max_length=60", "training.learning_rate=0.03"),
        also=("loss_jumps",),
    ),
    "steps so large that the loss jumps": Fault(
        "loss_jumps",
        (stack("gru", 1, 16), "training.learning_rate=0.8", "training.epochs=8"),
        also=("below_bag_of_words_from_large_steps",),
    ),
    "steps so large that nothing is learned": Fault(
        "chance_from_large_steps", ("training.learning_rate=1.0",)
    ),
    "steps too small": Fault(
        "chance_from_small_steps", ("training.learning_rate=9e-5",), cured=False
    ),
    "labels that mean nothing": Fault(
        "chance_unexplained", ("training.learning_rate=0.001", "training.epochs=3"),
        with_random_labels(reviews()), cured=False,
    ),
    "too many epochs": Fault(
        "over_fitting", ("training.epochs=30",), with_random_labels(reviews()),
        also=("chance_by_heart",),
    ),
    "names, split at spaces": Fault("chance_from_words", data=names()),
    "words that no other text has": Fault(
        "texts_without_words", ("training.epochs=12",), names(words=5, telling=True),
    ),
    "too few steps": Fault(
        "below_bag_of_words_from_few_steps",
        ("training.epochs=1", "training.learning_rate=0.001"), cured=False,
    ),
    "training documents memorised": Fault(
        "below_bag_of_words_by_heart", ("training.epochs=12", "data.validation_fraction=0.4"),
        many_words(), also=("over_fitting",), cured=False,
    ),
    "wrong labels": Fault(
        "doubtful_labels", ("training.epochs=12",),
        with_wrong_labels(reviews(), [3, 50, 51, 120]),
    ),
}  # fmt: skip
