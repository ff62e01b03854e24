"""The files of a linear classifier in a folder: `linear.json` and `linear.safetensors`."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import Field, FiniteFloat, ValidationError

from hoiquy.errors import DataError, RecipeError, RunError
from hoiquy.linear.features import NgramSettings
from hoiquy.linear.model import LinearClassifier
from hoiquy.recipe.recipe import TextTable
from hoiquy.recipe.tokenizer import build_tokenizer
from hoiquy.runs.arrays import dump_arrays, parse_arrays
from hoiquy.system.atomic_write import make_folder
from hoiquy.system.checksummed_files import read_checksummed, write_checksummed
from hoiquy.system.json_files import as_json, parse_json

FACTS, ARRAYS = "linear.json", "linear.safetensors"


@dataclass(frozen=True)
class LinearFacts:
    """`linear.json`: the settings of a linear classifier, with those of its tokenizer."""

    classes: list[str]
    tokenizer: str
    normalization: str
    segmentation: str
    words: Annotated[int, Field(ge=0)]
    shortest: Annotated[int, Field(ge=0)]  # n-gram of characters; 0 for none
    longest: Annotated[int, Field(ge=0)]
    across_words: bool
    most: Annotated[int, Field(ge=1)]
    # Of what its coefficients are the weighted sum; older files do not tell.
    parts: dict[str, FiniteFloat] = field(default_factory=dict)
    binary: bool = False

    def settings(self) -> NgramSettings:
        """Which n-grams are counted."""
        characters = (self.shortest, self.longest) if self.longest else None
        return NgramSettings(self.words, characters, self.across_words, self.most, self.binary)


def save_linear(
    classifier: LinearClassifier, classes: list[str], parts: dict[str, float], folder: Path
) -> None:
    """Write the files into a folder, which may exist. Raises WriteError."""
    settings, tokenizer = classifier.features.settings, classifier.features.tokenizer
    shortest, longest = settings.characters or (0, 0)
    facts = LinearFacts(
        classes, tokenizer.tokenizer, tokenizer.normalization, tokenizer.segmentation,
        settings.words, shortest, longest, settings.across_words, settings.most, parts,
        settings.binary,
    )  # fmt: skip
    make_folder(folder)
    arrays = dump_arrays(classifier.arrays())
    write_checksummed(folder, {ARRAYS: arrays, FACTS: as_json(asdict(facts))})


def linear_parts(folder: Path) -> dict[str, float]:
    """How much each part of a linear classifier counts. Raises RunError."""
    return _facts_of(folder).parts


def load_linear(folder: Path, classes: list[str]) -> LinearClassifier:
    """Read a linear classifier of these classes. Raises RunError, naming the damaged file."""
    source = str(folder / FACTS)
    facts = _facts_of(folder)
    if facts.classes != classes:
        raise RunError(f"{source} is damaged: its classes are not those of the run")
    try:
        tokenizer = build_tokenizer(
            TextTable(
                tokenizer=facts.tokenizer,  # type: ignore[arg-type]  # pydantic checks
                normalization=facts.normalization,  # type: ignore[arg-type]
                segmentation=facts.segmentation,  # type: ignore[arg-type]
            )
        )
    except (ValidationError, RecipeError, DataError) as error:
        raise RunError(f"{source} is damaged: it has no valid tokenizer") from error
    if not 1 <= facts.shortest <= facts.longest and not (facts.longest == 0 < facts.words):
        raise RunError(f"{source} is damaged: its n-grams are {facts.shortest} to {facts.longest}")
    arrays = parse_arrays(read_checksummed(folder, ARRAYS), str(folder / ARRAYS))
    return LinearClassifier.restored(
        facts.settings(), tokenizer, arrays, len(classes), str(folder / ARRAYS)
    )


def _facts_of(folder: Path) -> LinearFacts:
    return parse_json(LinearFacts, read_checksummed(folder, FACTS), str(folder / FACTS))
