"""Texts whose words tell their class, and tagged sentences."""

import numpy as np

_COMMON = (
    "the a this that it was is of and to in for with on at by from as but not so very then there "
    "one some all who when what how people time day place thing way part year hand case week"
)
_BY_CLASS = (
    "great wonderful lovely superb charming brilliant excellent moving perfect delightful",
    "awful boring terrible poor dull horrible weak stupid waste annoying",
    "ordinary plain average usual middling common normal regular moderate typical",
    "angry furious hateful rude violent cruel bitter hostile nasty vicious",
    "scared nervous worried afraid anxious shy tense uneasy fearful timid",
    "amazed surprised curious puzzled stunned startled astonished baffled shocked dazed",
)
_TAGGED = {
    "DT O": "the a this that every",
    "NN O": "house train river market letter garden window street",
    "VBD O": "reached left saw visited praised followed",
    "IN O": "in near from with over",
    "NNP B-per": "Minh Anna Pedro Fatima Kenji Olga",
    "NNP B-geo": "Hanoi Lisbon Cairo Lima Oslo Quito",
    "NNP B-org": "Unesco Interpol Opec Nato",
    "CD B-tim": "Monday Friday June 1999",
}
_SHAPE = (
    "NNP B-per",
    "VBD O",
    "DT O",
    "NN O",
    "IN O",
    "NNP B-geo",
    "IN O",
    "NNP B-org",
    "CD B-tim",
)


def text_of(rng: np.random.Generator, label: int, length: int = 20) -> str:
    """A text of about `length` words, a third of them words of the class `label`."""
    own = _BY_CLASS[label % len(_BY_CLASS)].split()
    count = int(rng.integers(max(length // 2, 3), length + length // 2 + 1))
    words = [str(rng.choice(own if rng.random() < 0.35 else _COMMON.split())) for _ in range(count)]
    words[int(rng.integers(count))] = str(rng.choice(own))  # so that each text can be told
    return " ".join(words).capitalize() + "."


def vocabulary() -> list[str]:
    """All words that texts hold, in lower case."""
    tagged = " ".join(_TAGGED.values()).lower()
    return sorted({*_COMMON.split(), *" ".join(_BY_CLASS).split(), *tagged.split()})


def tagged_sentence(rng: np.random.Generator) -> list[tuple[str, str, str]]:
    """Words with their part of speech and their entity tag."""
    shape = _SHAPE[: int(rng.integers(4, len(_SHAPE) + 1))]
    words = []
    for kind in shape:
        part, tag = kind.split()
        words.append((str(rng.choice(_TAGGED[kind].split())), part, tag))
    return [*words, (".", ".", "O")]


def name_of(rng: np.random.Generator, female: bool) -> str:
    """A made-up name: those of women end in a vowel."""
    start = "".join(str(rng.choice(list(part))) for part in ("bdklmnrstv", "aeiou", "lmnrst"))
    return (
        start + str(rng.choice(["a", "ia", "e"] if female else ["os", "on", "ir"]))
    ).capitalize()
