"""Numbers as written in Vietnamese (25.000 and 87,57%) and English (25,000, 87.57%).

A template of the catalogue names the style after a colon: `{accuracy:percent2}`.
"""

import math
from typing import Literal

Lang = Literal["vi", "en"]
LANGUAGES: tuple[Lang, ...] = ("vi", "en")

_MINUS = "−"
_DURATION_UNITS: dict[Lang, tuple[str, str, str]] = {
    "vi": ("giờ", "phút", "giây"),
    "en": ("h", "min", "s"),
}


def format_number(value: float, style: str, lang: Lang) -> str:
    """Return `value` in one of the styles; ValueError for an unknown style.

    integer     25,000
    decimalN    0.693, N decimals
    percentN    a fraction as per cent, with the sign: 87.57%; exactly 0 or 1 as 0%, 100%
    pointsN     a difference of fractions in percentage points: −0.28; exactly 0 or 1 as 0, 100
    general     0.0001, with as many digits as needed
    p_value     = 0.14, or < 0.001
    duration    seconds as 42 s, 3 min 05 s, 1 h 12 min
    """
    name, digits = style.rstrip("0123456789"), style.lstrip("abcdefghijklmnopqrstuvwxyz_")
    if name == "duration":
        return _duration(value, lang)
    if name == "p_value":
        return (
            f"= {_decimal(value, 2 if value >= 0.1 else 3, lang)}"
            if value >= 0.001
            else (f"< {_decimal(0.001, 3, lang)}")
        )
    if name == "integer":
        return _localised(value, "#,##0", lang)
    if name == "general":
        return _localised(value, "0.############", lang)
    decimals = int(digits) if digits else 0
    if name == "decimal":
        return _decimal(value, decimals, lang)
    if name in ("percent", "points"):
        points = _decimal(100 * value, 0 if value in (0, 1) else decimals, lang)
        return f"{points}%" if name == "percent" else points
    raise ValueError(f"unknown number style {style!r}")


def _decimal(value: float, decimals: int, lang: Lang) -> str:
    # adding 0.0 turns the -0.0 that rounding can leave into 0.0
    rounded = round(value, decimals) + 0.0 if math.isfinite(value) else value
    return _localised(rounded, f"#,##0.{'0' * decimals}", lang)


def _localised(value: float, pattern: str, lang: Lang) -> str:
    from babel.numbers import format_decimal

    if not math.isfinite(value):
        return str(value).replace("-", _MINUS)
    number: str = format_decimal(value, format=pattern, locale=lang)
    return number.replace("-", _MINUS)


def _duration(seconds: float, lang: Lang) -> str:
    hour, minute, second = _DURATION_UNITS[lang]
    whole = round(seconds)
    if seconds < 10:
        return f"{_decimal(seconds, 1, lang)} {second}"
    if whole < 60:
        return f"{whole} {second}"
    if whole < 3600:
        return f"{whole // 60} {minute} {whole % 60:02d} {second}"
    minutes = round(seconds / 60)
    return f"{minutes // 60} {hour} {minutes % 60:02d} {minute}"
