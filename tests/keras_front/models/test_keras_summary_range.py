"""summary(layer_range=…): the rows between two layers, as Keras 3 chooses them."""

import pytest

import hoiquy.keras as keras
from hoiquy.keras.errors import KerasError
from hoiquy.keras.layers import LSTM, Dense, Embedding

NAMES = ["words", "first", "second", "last"]


def model() -> keras.Sequential:
    layers = [Embedding(9, 4, name="words"), LSTM(3, return_sequences=True, name="first")]
    return keras.Sequential(
        [keras.Input((5,)), *layers, LSTM(3, name="second"), Dense(1, name="last")]
    )


@pytest.mark.parametrize(
    ("ends", "listed"),
    [
        (None, NAMES),
        (["first", "second"], NAMES[1:3]),
        (("second", "first"), NAMES[1:3]),
        (["f", ".*"], NAMES[1:]),
        (["last", "last"], ["last"]),
    ],
)
def test_rows_between_two_layers(ends: list[str] | None, listed: list[str]) -> None:
    texts: list[str] = []
    model().summary(print_fn=texts.append, layer_range=ends)
    assert [name for name in NAMES if f"│ {name} (" in texts[0]] == listed
    assert "Total params: 220" in texts[0]  # of all layers


@pytest.mark.parametrize("ends", [["words"], "ab", ["words", 3], ["words", "other"]])
def test_other_ranges_are_refused(ends: object) -> None:
    with pytest.raises(KerasError, match="layer_range"):
        model().summary(layer_range=ends)
