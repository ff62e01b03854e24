"""The vocabularies of preprocessing layers, which `.keras` files keep as text files."""

from collections.abc import Iterator, Mapping
from typing import Any

from hoiquy.interop.keras.hdf5_file import Hdf5File
from hoiquy.keras.concrete import STRING, decoded
from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.keras.saving.weight_tree import INNER, weight_groups
from hoiquy.keras.saving.weights_file import TOKEN_WEIGHTS
from hoiquy.keras.vectorization.vocabulary import Vocabulary


def vocabulary_files(model: Any) -> Iterator[tuple[str, bytes]]:
    """The folder of each layer, and its tokens, one a line; not those of configurations.

    Raises:
        NotSupportedError: A token has a line break.
    """
    for group in weight_groups(model):
        if group.vocabulary is not None and not group.vocabulary.in_configuration:
            lines = [_line(token) for token in group.vocabulary.listed()]
            yield group.path, "\n".join(lines).encode("utf-8", "surrogateescape")


def _line(token: Any) -> str:
    line = str(token)
    if "\n" in line or "\r" in line:
        raise NotSupportedError(
            f"the vocabulary has the token {line!r}, and files have one a line: give the layer its "
            "vocabulary by vocabulary=…, which is saved otherwise"
        )
    return line


def load_vocabularies(model: Any, file: Hdf5File, files: Mapping[str, bytes]) -> None:
    """Give each layer the tokens of its file.

    Args:
        model: From the configuration.
        file: The weights, which have those of tokens.
        files: By the folders of the layers.

    Raises:
        KerasError: Tokens are damaged, repeated or too many.
    """
    for group in weight_groups(model):
        vocabulary = group.vocabulary
        if vocabulary is None or vocabulary.in_configuration or group.path.endswith(INNER):
            continue
        tokens = _tokens(vocabulary, files.get(group.path, b""))
        if len(tokens) <= vocabulary.start:
            continue  # a layer that had none
        weights = None
        if vocabulary.mode == "tf_idf":
            weights = file.array(f"{group.path}/vars", TOKEN_WEIGHTS)[: len(tokens)]
        vocabulary.set(tokens, weights)


def _tokens(vocabulary: Vocabulary, content: bytes) -> list[Any]:
    lines = content.split(b"\n")
    while lines and lines[-1] == b"":
        lines.pop()
    if vocabulary.dtype == STRING:
        return lines
    try:
        return [int(line) for line in lines]
    except ValueError:
        shown = decoded(content)[:60]
        raise KerasError(f"the vocabulary holds {shown!r}, expected whole numbers") from None


def refuse_vocabularies(model: Any) -> None:
    """Raise NotSupportedError for a model whose vocabulary an HDF5 file would lose."""
    for group in weight_groups(model):
        if group.vocabulary is not None and not group.vocabulary.in_configuration:
            raise NotSupportedError(
                f"{group.name} has a vocabulary, which HDF5 files do not hold: save the model as "
                ".keras"
            )
