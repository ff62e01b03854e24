"""A linear classifier is read as it was saved; every damaged file is one line that names it."""

from pathlib import Path

import numpy as np
import pytest

from hoiquy.errors import RunError
from hoiquy.linear.features import Features, NgramSettings
from hoiquy.linear.fit import fit_weights
from hoiquy.linear.model import LinearClassifier
from hoiquy.runs.arrays import dump_arrays, parse_arrays
from hoiquy.runs.linear_files import ARRAYS, FACTS, load_linear, save_linear
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.text import Tokenizer

_TEXTS = ["thẻ của tôi", "gà và vịt", "thẻ mới", "vịt con", "lone \ud800 one"]
_CLASSES = ["card", "bird", "other"]


@pytest.mark.parametrize(
    "settings",
    [NgramSettings(), NgramSettings(0, (1, 3), False), NgramSettings(2, None, True, 4)],
    ids=["both", "characters", "words"],
)
def test_round_trip(settings: NgramSettings, tmp_path: Path) -> None:
    classifier = _classifier(settings)
    save_linear(classifier, _CLASSES, {"C": 0.3}, tmp_path / "linear")
    loaded = load_linear(tmp_path / "linear", _CLASSES)
    assert loaded.features.settings == settings
    assert loaded.features.tokenizer == classifier.features.tokenizer
    assert loaded.features.words == classifier.features.words
    assert loaded.parameters == classifier.parameters
    texts = [*_TEXTS, "", "mới của vịt"]
    np.testing.assert_array_equal(loaded.margins(texts), classifier.margins(texts))


def test_segmentation_is_kept(tmp_path: Path) -> None:
    features = Features(NgramSettings(1, None), Tokenizer("nfc", "unicode", "pyvi"), ())
    weights = fit_weights(np.zeros((2, 0)), np.zeros(2, int), 3, 1.0)
    save_linear(LinearClassifier(features, weights), _CLASSES, {"C": 1.0}, tmp_path)
    facts = (tmp_path / FACTS).read_text()
    assert '"segmentation": "pyvi"' in facts


@pytest.mark.parametrize("name", [FACTS, ARRAYS])
@pytest.mark.parametrize("damage", ["flipped", "truncated", "missing"])
def test_damaged_files_are_named(name: str, damage: str, tmp_path: Path) -> None:
    save_linear(_classifier(NgramSettings()), _CLASSES, {"C": 0.3}, tmp_path)
    content = bytearray((tmp_path / name).read_bytes())
    if damage == "missing":
        (tmp_path / name).unlink()
    else:
        content[len(content) // 2] ^= 4
        (tmp_path / name).write_bytes(content if damage == "flipped" else content[:-3])
    _assert_refused(tmp_path, name)


def test_other_classes_are_refused(tmp_path: Path) -> None:
    save_linear(_classifier(NgramSettings()), _CLASSES, {"C": 0.3}, tmp_path)
    with pytest.raises(RunError, match="its classes are not those of the run"):
        load_linear(tmp_path, ["card", "bird"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"coefficients": np.zeros((3, 3), np.float16)},
        {"coefficients": np.zeros(3, np.float16)},
        {"intercept": np.zeros(2)},
        {"intercept": np.array([0, np.nan, 0])},
        {"intercept": np.zeros(3, np.int64)},
        {"idf_0": np.zeros(2, np.float32)},
        {"keys_1": np.zeros((2, 2), np.uint64)},
        {"keys_1": np.zeros((), np.uint64)},
        {"words": np.zeros((), np.uint8)},
        {"keys_0": None},
        {"words": None},
    ],
    ids=lambda wrong: f"{next(iter(wrong))}-{getattr(next(iter(wrong.values())), 'shape', None)}",
)
def test_arrays_that_do_not_fit_are_refused(
    wrong: dict[str, np.ndarray | None], tmp_path: Path
) -> None:
    """Whoever wrote them also wrote their checksum."""
    save_linear(_classifier(NgramSettings()), _CLASSES, {"C": 0.3}, tmp_path)
    arrays = parse_arrays((tmp_path / ARRAYS).read_bytes(), ARRAYS) | wrong
    content = dump_arrays({key: value for key, value in arrays.items() if value is not None})
    write_checksummed(tmp_path, {ARRAYS: content})
    _assert_refused(tmp_path, ARRAYS)


def test_keys_out_of_order_are_refused(tmp_path: Path) -> None:
    save_linear(_classifier(NgramSettings()), _CLASSES, {"C": 0.3}, tmp_path)
    arrays = parse_arrays((tmp_path / ARRAYS).read_bytes(), ARRAYS)
    arrays["keys_0"] = arrays["keys_0"][::-1]
    write_checksummed(tmp_path, {ARRAYS: dump_arrays(arrays)})
    _assert_refused(tmp_path, ARRAYS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"tokenizer": "unicode+punctuation"', '"tokenizer": "letters"'),
        ('"normalization": "nfc"', '"normalization": "nfkd"'),
        ('"segmentation": "none"', '"segmentation": "some"'),
        ('"words": 3', '"words": -1'),
        ('"shortest": 2', '"shortest": 7'),
        ('"shortest": 2', '"shortest": 0'),
        ('"C": 0.3', '"C": NaN'),
        ('"most": 1000000', '"most": 0'),
    ],
)
def test_settings_that_mean_nothing_are_refused(old: str, new: str, tmp_path: Path) -> None:
    save_linear(_classifier(NgramSettings()), _CLASSES, {"C": 0.3}, tmp_path)
    content = (tmp_path / FACTS).read_text()
    assert old in content
    write_checksummed(tmp_path, {FACTS: content.replace(old, new).encode()})
    _assert_refused(tmp_path, FACTS)


def _classifier(settings: NgramSettings) -> LinearClassifier:
    features = Features.fit(settings, Tokenizer("nfc", "unicode+punctuation"), _TEXTS)
    rows = features.transform(_TEXTS)
    weights = fit_weights(rows, np.array([0, 1, 0, 1, 2]), len(_CLASSES), 0.3)
    return LinearClassifier(features, weights)


def _assert_refused(folder: Path, name: str) -> None:
    with pytest.raises(RunError) as refused:
        load_linear(folder, _CLASSES)
    assert name in str(refused.value)
    assert "\n" not in str(refused.value)
