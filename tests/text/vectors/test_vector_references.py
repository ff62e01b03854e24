"""Files that gensim and fastText write, read as these read them; skipped where they are absent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hoiquy.errors import DataError
from hoiquy.text.vectors import read_vectors
from vector_files import FastTextModel, random_vectors

WORDS = ["the", "học_sinh", "Ü", "日本", "x"]
SYLLABLES = (
    "xin", "chào", "việt", "nam", "học", "sinh", "đại", "hòa", "日本", "straße", "Ünï", "good",
    "bad", "😀", "__a__", "a", "b", "film",
)  # fmt: skip
PROBES = [*SYLLABLES, "</s>", "unseen", "chưa_thấy", "日", "", "😀😀", "ngoằn ngoèo", "Z" * 50]


@pytest.fixture
def keyed_vectors() -> Any:
    keyed = pytest.importorskip("gensim.models", reason="gensim is not installed").KeyedVectors(5)
    keyed.add_vectors(WORDS, list(random_vectors(WORDS).values()))
    return keyed


@pytest.mark.parametrize("how", [{"binary": True}, {"binary": False}, {"write_header": False}])
def test_what_gensim_writes_is_read(
    how: dict[str, bool], keyed_vectors: Any, tmp_path: Path
) -> None:
    place = tmp_path / "vectors"
    keyed_vectors.save_word2vec_format(str(place), **how)
    assert np.array_equal(read_vectors(place, WORDS).rows, keyed_vectors[WORDS])


def test_gensim_s_own_format_is_refused(keyed_vectors: Any, tmp_path: Path) -> None:
    place = tmp_path / "words.kv"
    keyed_vectors.save(str(place))
    with pytest.raises(DataError, match=r"save_word2vec_format\('words.bin', binary=True\)"):
        read_vectors(place, WORDS)


def test_our_model_files_are_as_gensim_reads_them(tmp_path: Path) -> None:
    """So that the writer of the other tests is right."""
    facebook = pytest.importorskip("gensim.models.fasttext", reason="gensim is not installed")
    model = FastTextModel(["</s>", "tốt", "film"], buckets=23)
    place = tmp_path / "model.bin"
    place.write_bytes(model.content())
    keyed = facebook.load_facebook_vectors(str(place))
    for word in ("tốt", "film", "films"):
        np.testing.assert_allclose(model.vector(word), keyed[word], rtol=1e-5)


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    place = tmp_path_factory.mktemp("texts")
    rng = np.random.default_rng(1)
    lines = [" ".join(rng.choice(SYLLABLES, 9)) for _ in range(600)]
    (place / "texts").write_text("\n".join(lines) + "\n", encoding="utf-8")
    labelled = (f"__label__{number % 3} {line}\n" for number, line in enumerate(lines))
    (place / "labelled").write_text("".join(labelled), encoding="utf-8")
    yield {name: str(place / name) for name in ("texts", "labelled")}


@pytest.mark.parametrize(
    ("train", "settings"),
    [
        ("unsupervised", {"model": "skipgram", "minn": 2, "maxn": 5}),
        ("unsupervised", {"model": "cbow", "minn": 3, "maxn": 6}),
        ("unsupervised", {"minn": 1, "maxn": 1}),
        ("unsupervised", {"minn": 0, "maxn": 0}),
        ("supervised", {"minn": 2, "maxn": 4, "wordNgrams": 2}),
        ("supervised", {}),
    ],
)
def test_models_that_fasttext_trained_give_the_same_bits(
    train: str, settings: dict[str, Any], texts: dict[str, str], tmp_path: Path
) -> None:
    fasttext = pytest.importorskip("fasttext", reason="fasttext is not installed")
    settings = {"dim": 17, "bucket": 5000, "minCount": 1, "epoch": 1, "thread": 1} | settings
    source = texts["texts" if train == "unsupervised" else "labelled"]
    model = getattr(fasttext, f"train_{train}")(source, verbose=0, **settings)
    place = tmp_path / "model.bin"
    model.save_model(str(place))
    found = read_vectors(place, PROBES)
    for word, row in zip(PROBES, found.rows, strict=True):
        assert np.array_equal(row, model.get_word_vector(word)), word
    if train == "supervised" and settings.get("maxn"):
        model.quantize(input=source, cutoff=300, retrain=True)
        model.save_model(str(place))
        with pytest.raises(DataError, match="a quantized fastText model"):
            read_vectors(place, PROBES)
