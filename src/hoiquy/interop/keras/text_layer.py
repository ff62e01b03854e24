"""Read the words and settings of a TextVectorization layer in a model."""

from dataclasses import dataclass

from hoiquy.errors import InputError
from hoiquy.interop.keras.layer import KerasLayer
from hoiquy.interop.keras.layer_settings import (
    ANY,
    Only,
    Rules,
    check_by_rules,
    unsupported,
)
from hoiquy.text.tokenizer import TokenizerKind

_TOKENIZERS: dict[str | None, TokenizerKind] = {
    "lower_and_strip_punctuation": "whitespace+lower+strip",
    "lower": "whitespace+lower",
    "strip_punctuation": "whitespace+strip",
    None: "whitespace",
}
_RULES: Rules = {
    "name": ANY, "trainable": ANY, "dtype": ANY, "batch_input_shape": ANY,
    "standardize": Only(tuple(_TOKENIZERS)), "split": Only(("whitespace",)),
    "ngrams": Only((None,)), "output_mode": Only(("int",)), "output_sequence_length": ANY,
    "ragged": Only((False,)), "sparse": Only((False,)), "idf_weights": Only((None,)),
    "encoding": Only(("utf-8",)), "max_tokens": ANY, "vocabulary": ANY,
    "vocabulary_size": ANY, "pad_to_max_tokens": ANY,
}  # fmt: skip
SPECIAL = ["", "[UNK]"]  # the tokens of index 0 and 1


@dataclass(frozen=True)
class TextLayer:
    """words: from index 2 on. max_length: None if documents are not truncated."""

    tokenizer: TokenizerKind
    words: tuple[str, ...]
    max_length: int | None


def read_text_layer(layer: KerasLayer, saved: bytes | None, source: str) -> TextLayer:
    """Read the layer; saved: its vocabulary file, unless its config has the words.

    Raises InputError with layer, setting and value.
    """
    config = layer.config
    check_by_rules(layer, _RULES, source)
    length = config.get("output_sequence_length")
    if length is not None and (type(length) is not int or length < 1):
        raise unsupported(layer, "output_sequence_length", length, "integers from 1", source)
    standardize = config.get("standardize", "lower_and_strip_punctuation")
    return TextLayer(_TOKENIZERS[standardize], _words(layer, saved, source), length)


def _words(layer: KerasLayer, saved: bytes | None, source: str) -> tuple[str, ...]:
    words = layer.config.get("vocabulary")
    if words is None and saved is not None:
        try:
            # Keras uses splitlines(), which also splits words that contain U+0085 or U+2028 and
            # so shifts the indices of all later words against training.
            words = saved.decode("utf-8").replace("\r\n", "\n").split("\n")
        except UnicodeDecodeError as error:
            raise InputError(f"{source}: the words of layer {layer.name} are not UTF-8") from error
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise InputError(
            f"{source}: layer {layer.name} ({layer.kind}) has no words in the file: call its "
            f"adapt(texts), or set_vocabulary with a list of words, before model.save"
        )
    return without_special(words)


def without_special(words: list[str]) -> tuple[str, ...]:
    """Return the words of `get_vocabulary()` without the padding and unknown tokens."""
    return tuple(words[2:] if words[:2] == SPECIAL else words)
