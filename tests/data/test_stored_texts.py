"""Stored texts equal the appended ones, in any order of access."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.data.dataset import Documents
from hoiquy.data.stored_texts import StoredTexts, TextStore
from hoiquy.system import spill_buffer as buffer

TEXTS = st.lists(st.text("aé\x00\ud800😀\n", max_size=8), max_size=12)


def stored(texts: list[str], memory: int = 20) -> StoredTexts:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buffer, "MEMORY_BYTES", memory)
        store = TextStore()
        for text in texts:
            store.append(text)
        assert len(store) == len(texts)
        return store.texts()


@given(TEXTS, st.data())
def test_take_returns_texts_in_any_order(texts: list[str], data: st.DataObject) -> None:
    kept = stored(texts)
    assert list(kept) == texts
    assert len(kept) == len(texts)
    cut = slice(*data.draw(st.tuples(*[st.integers(-14, 14)] * 2)))
    assert list(kept[cut]) == texts[cut]
    if texts:
        order = data.draw(st.lists(st.integers(0, len(texts) - 1)))
        taken = kept.take(np.array(order, np.int64))
        assert list(taken) == [texts[at] for at in order]
        assert list(taken[::-1]) == [texts[at] for at in order[::-1]]


def test_an_index_past_the_end_raises() -> None:
    with pytest.raises(IndexError):
        stored(["a"])[1]


@given(TEXTS)
def test_documents_have_the_same_fingerprint_wherever_they_lie(texts: list[str]) -> None:
    labels = np.zeros(len(texts), np.int32)
    rows = np.arange(len(texts))[::-1]
    kept, held = Documents(stored(texts), labels), Documents(texts, labels)
    assert kept.take(rows).fingerprint() == held.take(rows).fingerprint()
