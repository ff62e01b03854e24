"""Which column of a table holds the text and which the label, when nobody says so."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from hoiquy.errors import DataError

TEXT_NAMES = (
    "text", "review", "sentence", "comment", "content", "document", "body", "message", "tweet",
    "văn bản", "văn_bản", "van_ban", "bình luận", "bình_luận", "binh_luan", "nội dung",
    "nội_dung", "noi_dung", "câu", "cau",
)  # fmt: skip
LABEL_NAMES = (
    "label", "class", "sentiment", "category", "target", "polarity", "rating", "stars", "topic",
    "y", "nhãn", "nhan", "lớp", "lop", "loại", "loai", "cảm xúc", "cảm_xúc", "cam_xuc",
)  # fmt: skip
MOST_CLASSES = 1000


def choose_columns(
    rows: Sequence[Mapping[str, Any]], text: str | None, label: str | None, source: str
) -> tuple[str, str]:
    """The columns of the text and of the label, by what the user says, by name, by content.

    rows: the first rows of the table, at least one. By content, the text is the column with the
    longest strings on average, the label the one with the fewest different values, two or more
    and repeated. Raises DataError, which names the columns there are, if that is not to be said.
    """
    names = list(rows[0])
    for option, name in (("--text", text), ("--label", label)):
        _check_known(names, name, option, source)
    label = label or _named(names, LABEL_NAMES, text)
    text = text or _named(names, TEXT_NAMES, label) or _longest(rows, names, label)
    label = label or _fewest(rows, names, text)
    if text is None or label is None or text == label:
        missing = "--label" if label is None and text is not None else "--text and --label"
        raise DataError(
            f"{source}: which columns hold the text and the label? say it with {missing}; "
            f"{_known(names)}"
        )
    return text, label


def choose_text_column(rows: Sequence[Mapping[str, Any]], text: str | None, source: str) -> str:
    """The column of the text, where no label is wanted: by its name, else the longest strings.

    rows: the first rows of the table, at least one. Raises DataError if no column holds text.
    """
    names = list(rows[0])
    _check_known(names, text, "--text", source)
    chosen = text or _named(names, TEXT_NAMES, None) or _longest(rows, names, None)
    if chosen is None:
        raise DataError(f"{source}: no column holds text; {_known(names)}")
    return chosen


def _check_known(names: Sequence[str], name: str | None, option: str, source: str) -> None:
    if name is not None and name not in names:
        near = get_close_matches(name, names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise DataError(f"{source} has no column {name!r} for {option}{hint}; {_known(names)}")


def _known(names: Sequence[str]) -> str:
    return f"its columns are {', '.join(names)}"


def _named(names: Sequence[str], wanted: Sequence[str], taken: str | None) -> str | None:
    by_lower = {name.strip().lower(): name for name in reversed(names) if name != taken}
    return next((by_lower[name] for name in wanted if name in by_lower), None)


def _longest(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str], taken: str | None
) -> str | None:
    def length(name: str) -> int:
        return sum(len(row[name]) for row in rows if isinstance(row.get(name), str))

    free = [name for name in names if name != taken and length(name) > 0]
    return max(free, key=length, default=None)


def _fewest(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str], taken: str | None
) -> str | None:
    counts = {name: len({str(row.get(name)) for row in rows}) for name in names if name != taken}
    limit = min(MOST_CLASSES, max(len(rows) // 2, 2))
    fitting = {name: count for name, count in counts.items() if 2 <= count <= limit}
    return min(fitting, key=lambda name: fitting[name], default=None)
