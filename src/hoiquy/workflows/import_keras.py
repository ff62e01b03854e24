"""Import a Keras model as a run."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict, Unpack

from hoiquy.interop.keras import import_run
from hoiquy.interop.keras.text import TextOptions
from hoiquy.text import Numbering, Side
from hoiquy.workflows.run import Run, extended


class VocabularyOptions(TypedDict, total=False):
    """What a vocabulary file does not say.

    Attributes:
        numbering: Index scheme of the words: "imdb", "tokenizer", "tokenizer-oov" or
            "text-vectorization"; by default detected, else "imdb".
        padding: Side on which short texts are padded: "left" (the default) or "right".
        truncating: Side on which long texts are truncated: "left" (the default) or "right".
        max_length: Tokens of a text, for a model of any length.
    """

    numbering: Numbering | None
    padding: Side | None
    truncating: Side | None
    max_length: int | None


def import_keras(
    path: str | Path,
    out: str | Path,
    *,
    text_description: str | Path | None = None,
    vocabulary: str | Path | None = None,
    classes: Sequence[str] = (),
    multilabel: bool = False,
    **words: Unpack[VocabularyOptions],
) -> Run:
    """Import a `.keras` file as a new run, without Keras.

    How a text becomes indices is read from the model's TextVectorization layer, a text description
    or a vocabulary file. No code in the file is run. Settings that are not imported, and
    assumptions, are in `run.result.changes`.

    Args:
        path: The `.keras` file.
        out: The run folder to create.
        text_description: By default the `.text.json` next to the model.
        vocabulary: Instead: one word per line by rank, a word_index in JSON, or
            `Tokenizer.to_json()`.
        classes: Class names, unless the text description has them; by default 0, 1 …
        multilabel: Treat each sigmoid as a separate label.
        **words: With `vocabulary`; see `VocabularyOptions`.

    Returns:
        The run, which is not trained or tested here: its result has no accuracy.

    Raises:
        InputError: The model or its text rules cannot be imported.
        RunError: `out` is not empty.
        MissingExtraError: h5py is not installed.
        WriteError: The folder cannot be written.
    """
    run = import_run.import_keras(
        Path(path), out,
        text_description=None if text_description is None else Path(text_description),
        vocabulary=None if vocabulary is None else Path(vocabulary),
        classes=classes, text_options=TextOptions(**words), multilabel=multilabel,
    )  # fmt: skip
    return extended(run)
