"""Which column of a table holds the text and which the label, where the user does not name them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from hoiquy.data.labels.cells import canonical_name, label_names
from hoiquy.data.labels.columns import holds_yes_or_no, named_columns, unknown_column
from hoiquy.data.part_names import UNLABELLED, part_of
from hoiquy.errors import DataError

TEXT_NAMES = (
    "text", "review", "sentence", "comment", "content", "document", "body", "message", "tweet",
    "văn bản", "văn_bản", "van_ban", "bình luận", "bình_luận", "binh_luan", "nội dung",
    "nội_dung", "noi_dung", "câu", "cau", "nhận xét", "nhận_xét", "nhan_xet", "nội dung bình luận",
    "review_text", "review_body", "comment_text", "tweet_text", "utterance",
)  # fmt: skip
LABEL_NAMES = (
    "label", "class", "sentiment", "category", "target", "polarity", "rating", "stars", "topic",
    "y", "nhãn", "nhan", "lớp", "lop", "loại", "loai", "cảm xúc", "cảm_xúc", "cam_xuc",
    "emotion", "intent", "labels", "tag",
)  # fmt: skip
# Where a table has two of the others, the user is asked. These win over them, in this order.
_SURE_LABEL_NAMES = ("label", "nhãn", "nhan", "class", "lớp", "lop", "target")
SPLIT_NAMES = (
    "split", "fold", "subset", "partition", "set", "tập", "tap", "usage", "is_train", "is_test",
    "is_valid", "is_validation",
)  # fmt: skip
_NEVER_LABELS = (
    *SPLIT_NAMES, "", "id", "idx", "index", "row", "line", "no", "stt", "uid", "uuid", "guid",
    "lang", "language", "locale", "ngôn ngữ", "ngôn_ngữ", "ngon_ngu", "verified",
    "verified_purchase", "date", "time", "datetime", "timestamp", "created", "ngày", "ngay",
    "thời gian", "thoi_gian", "url", "uri", "link", "path", "file", "filename", "user", "username",
    "user name", "author", "name", "email", "title", "source", "người dùng", "nguoi_dung",
    "annotator", "length",
)  # fmt: skip
_NEVER_ENDINGS = ("_id", " id", "_at", "_date", "_time", "_url", "_name", "_lang", "_language")
MOST_CLASSES = 1000
_DELIMITERS = (
    "; cells are separated by a comma, a semicolon, a tab or |, and a first line such as sep=^ "
    "names another sign"
)


class Columns(NamedTuple):
    """The names of the columns that hold the texts and the labels.

    label: of several columns all names, with commas between; see `label_columns.named_columns`.
    """

    text: str
    label: str


class NoColumnsError(DataError):
    """No column fits as the text, or none as the label."""


class SeveralColumnsError(DataError):
    """Several columns may hold the label: the user is asked."""


def choose_columns(
    rows: Sequence[Mapping[str, Any]],
    text: str | None,
    label: str | None,
    source: str,
    before: Columns | None = None,
) -> Columns:
    """The columns of text and label: as the user says, as `before`, by name, by content.

    rows: the first rows of the table, at least one. before: the columns of the training table,
    taken where this table has them. By content, the text is the column of the longest strings among
    those that are mostly different, and the label the only one with two different values or more
    that are repeated; a column of splits, dates, languages and the like never is. Where there is
    none, but two columns or more that hold 0 and 1 alone, these are the labels, several a row.
    Raises DataError, which names the columns there are, for a name that is not among them,
    NoColumnsError where none fits, and SeveralColumnsError where several columns fit as the label
    equally well.
    """
    names = _names(rows)
    _check_known(names, text, "--text", source)
    if label is not None and named_columns(label, names) is None:
        _check_known(names, unknown_column(label, names), "--label", source)
    if before is not None:
        text = text or (before.text if before.text in names and before.text != label else None)
        known = named_columns(before.label, names)
        label = label or (before.label if known and text not in known else None)
    label = label or _named_label(rows, names, text, source)
    taken = named_columns(label, names) if label else ()
    free = [name for name in names if name not in (taken or ())]
    text = text or _named(free, TEXT_NAMES, None) or _longest(rows, free, None)
    label = label or _yes_or_no_columns(rows, names, text) or _repeated(rows, names, text, source)
    if text is None or label is None or text in (named_columns(label, names) or ()):
        if len(names) == 1:
            csv = source.lower().endswith((".csv", ".csv.gz"))
            raise NoColumnsError(
                f"{source}: expected a column of texts and one of labels, but its only column is "
                f"{shown(names[0])!r:.80}{_DELIMITERS if csv else ''}"
            )
        missing = "--label" if label is None and text is not None else "--text and --label"
        raise NoColumnsError(
            f"{source}: which columns hold the text and the label? say it with {missing}; "
            f"{_known(names)}"
        )
    return Columns(text, label)


def choose_text_column(rows: Sequence[Mapping[str, Any]], text: str | None, source: str) -> str:
    """The column of the text, where no label is wanted: by its name, else the longest strings.

    rows: the first rows of the table, at least one. Raises DataError if no column holds text.
    """
    names = _names(rows)
    _check_known(names, text, "--text", source)
    chosen = text or _named(names, TEXT_NAMES, None) or _longest(rows, names, None)
    if chosen is None:
        raise DataError(f"{source}: no column holds text; {_known(names)}")
    return chosen


def split_columns(rows: Sequence[Mapping[str, Any]], columns: Columns) -> list[str]:
    """Other columns that are called as splits are, or hold nothing but names of splits."""
    return [
        name
        for name in _names(rows)
        if name not in columns and (_lower(name) in SPLIT_NAMES or holds_splits(rows, name))
    ]


def holds_splits(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    """Whether every value of a column names a part of a data set.

    "train" must be among them, unless the column is called as splits are.
    """
    found = set()
    for value in _values(rows, name):
        part = part_of(value)
        if part is None and value.lower() not in UNLABELLED:
            return False
        found.add(part)
    return "train" in found or (bool(found) and _lower(name) in SPLIT_NAMES)


def _names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """All columns, in the order in which they come: rows of JSON need not have the same."""
    return list(dict.fromkeys(name for row in rows for name in row))


def _check_known(names: Sequence[str], name: str | None, option: str, source: str) -> None:
    if name is not None and name not in names:
        near = get_close_matches(name, names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise DataError(f"{source} has no column {name!r} for {option}{hint}; {_known(names)}")


def _known(names: Iterable[str]) -> str:
    return f"its columns are {', '.join(shown(name) for name in names)}"


def shown(name: str) -> str:
    """A column's name as it can be printed: half a character (a lone surrogate) becomes "?"."""
    return name.encode("utf-8", "replace").decode("utf-8")


def _lower(name: str) -> str:
    return canonical_name(name).lower()


def _named(names: Sequence[str], wanted: Sequence[str], taken: str | None) -> str | None:
    by_lower = {_lower(name): name for name in reversed(names) if name != taken}
    return next((by_lower[name] for name in wanted if name in by_lower), None)


def _named_label(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str], text: str | None, source: str
) -> str | None:
    free = [name for name in names if name != text and not holds_splits(rows, name)]
    sure = _named(free, _SURE_LABEL_NAMES, None)
    fitting = [name for name in free if _lower(name) in LABEL_NAMES]
    if sure is None and len(fitting) > 1:
        _ask(fitting, source)
    return sure or next(iter(fitting), None)


def _longest(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str], taken: str | None
) -> str | None:
    def length(name: str) -> int:
        return sum(len(row[name]) for row in rows if isinstance(row.get(name), str))

    def mostly_differs(name: str) -> bool:
        return 2 * len({str(row.get(name)) for row in rows}) > len(rows)

    free = [name for name in names if name != taken and length(name) > 0]
    # A text may be one short word, such as a name, beside a label of long ones.
    return max(free, key=lambda name: (mostly_differs(name), length(name)), default=None)


def _repeated(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str], text: str | None, source: str
) -> str | None:
    """The column with two different values or more, each of several rows; None if there is none."""
    limit = min(MOST_CLASSES, max(len(rows) // 2, 2))
    fitting = [
        name
        for name in names
        if name != text
        and not _is_never_label(name)
        and not holds_splits(rows, name)
        and 2 <= len(set(_values(rows, name))) <= limit
    ]
    if len(fitting) > 1:
        _ask(fitting, source)
    return next(iter(fitting), None)


def _yes_or_no_columns(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str], text: str | None
) -> str | None:
    """The columns that hold 0 and 1 alone, where there are two or more and no other fits."""
    limit = min(MOST_CLASSES, max(len(rows) // 2, 2))
    found, both = [], 0
    for name in names:
        if name == text or _is_never_label(name) or holds_splits(rows, name):
            continue
        fits, has_both = holds_yes_or_no(row.get(name) for row in rows)
        if fits:
            found.append(name)
            both += has_both
        elif 2 <= len(set(_values(rows, name))) <= limit:
            return None
    return ",".join(found) if both > 1 else None


def _is_never_label(name: str) -> bool:
    lower = _lower(name)
    return lower in _NEVER_LABELS or lower.endswith(_NEVER_ENDINGS) or lower.startswith("unnamed:")


def _ask(fitting: Sequence[str], source: str) -> None:
    raise SeveralColumnsError(
        f"{source}: several columns may hold the label, {', '.join(map(shown, fitting))}: choose "
        f"one with --label"
    )


def _values(rows: Sequence[Mapping[str, Any]], name: str) -> Iterator[str]:
    """What the rows have in a column, as names; several of one row together."""
    for row in rows:
        try:
            value = ", ".join(label_names(row.get(name)))
        except ValueError:
            value = "{}"
        if value:
            yield value
