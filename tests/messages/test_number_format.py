"""Numbers as Vietnamese and English readers write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoiquy.messages import format_number


@pytest.mark.parametrize(
    ("value", "style", "english", "vietnamese"),
    [
        (25_000, "integer", "25,000", "25.000"),
        (11_602_354, "integer", "11,602,354", "11.602.354"),
        (0.8757, "percent2", "87.57%", "87,57%"),
        (0.867, "percent0", "87%", "87%"),
        (1.0, "percent2", "100%", "100%"),
        (0.0, "percent2", "0%", "0%"),
        (0.99999, "percent2", "100.00%", "100,00%"),
        (1.0, "points2", "100", "100"),
        (0.69314, "decimal3", "0.693", "0,693"),
        (1234.5, "decimal1", "1,234.5", "1.234,5"),
        (-0.0028, "points2", "−0.28", "−0,28"),
        (-0.00001, "points1", "0.0", "0,0"),
        (0.0001, "general", "0.0001", "0,0001"),
        (92.5, "general", "92.5", "92,5"),
        (49, "general", "49", "49"),
        (0.141, "p_value", "= 0.14", "= 0,14"),
        (0.0526, "p_value", "= 0.053", "= 0,053"),
        (1e-9, "p_value", "< 0.001", "< 0,001"),
        (1.0, "p_value", "= 1.00", "= 1,00"),
        (4.26, "duration", "4.3 s", "4,3 giây"),
        (42, "duration", "42 s", "42 giây"),
        (59.7, "duration", "1 min 00 s", "1 phút 00 giây"),
        (185, "duration", "3 min 05 s", "3 phút 05 giây"),
        (3599.6, "duration", "1 h 00 min", "1 giờ 00 phút"),
        (7380, "duration", "2 h 03 min", "2 giờ 03 phút"),
    ],
)
def test_styles(value: float, style: str, english: str, vietnamese: str) -> None:
    assert format_number(value, style, "en") == english
    assert format_number(value, style, "vi") == vietnamese


@settings(deadline=None)
@given(
    st.floats(-1e6, 1e6),
    st.sampled_from(["integer", "decimal2", "percent2", "points1", "general"]),
)
def test_languages_swap_only_commas_and_points(value: float, style: str) -> None:
    english, vietnamese = format_number(value, style, "en"), format_number(value, style, "vi")
    assert english.translate(str.maketrans(",.", ".,")) == vietnamese
    assert not english.startswith(("-", "−0.00 "))


@pytest.mark.parametrize("style", ["per_cent", "decimal2f", "percent2x", "", "2"])
def test_unknown_style_is_loud(style: str) -> None:
    with pytest.raises(ValueError, match=r"unknown number style|invalid"):
        format_number(1.0, style, "en")
