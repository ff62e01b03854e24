"""The network of an ensemble that starts from a language model of texts without labels."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hoiquy.events import Listener
from hoiquy.recipe.recipe import Recipe, validate_recipe
from hoiquy.workflows.pretraining.initialise import LanguageModelStart
from hoiquy.workflows.pretraining.language_model import layers_of
from hoiquy.workflows.pretraining.pretrain import pretrain

PRETRAINED = "pretrained"
LANGUAGE_MODEL = "language-model"  # in the run folder
MINUTES = 30.0  # of a training without a budget
_LENGTH = 700  # tokens that are read
_DOCUMENTS = 5000  # to train on, over all epochs
_LEAST_EPOCHS, _MOST_EPOCHS = 3, 30
_TRAINING = {
    "learning_rate": 1e-3,
    "batch_size": 16,
    "early_stopping": {},
    "schedule": {"type": "cosine", "warmup_epochs": 0.3, "final_fraction": 0.05},
}


def language_model(
    folder: Path, texts: Sequence[Any], base: Recipe, minutes: float, on_event: Listener
) -> LanguageModelStart:
    """Train a language model, or resume that.

    Args:
        folder: Of the run.
        texts: Sources, as of `pretrain`.
        base: The recipe `auto` for the data set, which says how texts are split.
        minutes: The time for it.
        on_event: Hears of the training.

    Raises:
        DataError: A text cannot be read.
        StoppedError: After Ctrl-C, when all is saved.
    """
    saved = pretrain(
        texts, out=folder / LANGUAGE_MODEL, settings=_text_of(base), minutes=minutes,
        on_event=on_event,
    )  # fmt: skip
    return LanguageModelStart.load(saved.folder)


def pretrained_recipe(base: Recipe, start: LanguageModelStart, documents: int) -> Recipe:
    """A classifier of all states of the language model's layer.

    Howard and Ruder 2018, "Universal language model fine-tuning for text classification", ACL.

    Args:
        base: The recipe `auto` for the data set, which says what is predicted.
        start: The language model.
        documents: To train on.
    """
    embedding, recurrent = layers_of(start.recipe)
    layers: list[dict[str, Any]] = [
        embedding.model_dump() | {"word_dropout": 0.1},
        {"type": "dropout", "rate": 0.2},
        *(table.model_dump() | {"return_sequences": True} for _, table in recurrent),
        {"type": "pooling", "over_time": "last+max+mean"},
        {"type": "dropout", "rate": 0.3},
        {"type": "dense", "units": "classes", "activation": base.model.output},
    ]
    tables = base.model_dump(exclude_none=True)
    tables["text"] = start.recipe.text.model_dump()
    tables["data"]["max_length"] = _LENGTH
    tables["model"] = {"input": "indices", "layers": layers}
    epochs = round(_DOCUMENTS / max(documents, 1))
    tables["training"] |= _TRAINING | {"epochs": min(max(_LEAST_EPOCHS, epochs), _MOST_EPOCHS)}
    return validate_recipe(tables, PRETRAINED)


def tokenizer_of(base: Recipe) -> str:
    """How texts without labels are split, where the recipe `auto` splits as `base` does."""
    return "characters" if base.text.tokenizer == "characters" else "unicode+punctuation"


def _text_of(base: Recipe) -> dict[str, Any]:
    """How texts are split; words as in the linear classifier."""
    return {
        "text.normalization": base.text.normalization,
        "text.tokenizer": tokenizer_of(base),
    }
