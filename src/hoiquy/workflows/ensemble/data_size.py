"""How large a data set is, and how long its linear classifier takes."""

from dataclasses import dataclass

from hoiquy.data.dataset import Dataset

# The linear classifier with n-grams of characters, on all folds and on all documents: its seconds
# for each character, and for each character and support vector machine, measured on a core of 2024.
_SECONDS_OF_A_CHARACTER, _SECONDS_OF_A_MACHINE = 1e-6, 5e-7


@dataclass(frozen=True)
class DataSize:
    """How large a data set is: its training documents, classes, and characters of all texts.

    multilabel: whether a document may have several of the classes.
    """

    documents: int
    classes: int
    characters: int
    multilabel: bool = False

    @property
    def machines(self) -> int:
        """The number of support vector machines of a linear classifier."""
        return 1 if self.classes == 2 and not self.multilabel else self.classes

    @property
    def linear_seconds(self) -> float:
        """About how long a linear classifier with n-grams of characters takes."""
        of_a_character = _SECONDS_OF_A_CHARACTER + _SECONDS_OF_A_MACHINE * self.machines
        return self.characters * of_a_character

    @classmethod
    def of(cls, dataset: Dataset) -> "DataSize":
        characters = sum(map(len, dataset.train.texts))
        classes = len(dataset.classes)
        return cls(len(dataset.train), classes, characters, dataset.multilabel)
