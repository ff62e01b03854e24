"""Well-known names of columns: texts, labels, splits, and what is never a label.

They are compared by `plain_name`, so that `Nội dung`, `noi_dung` and `NoiDung` are one name.
"""

import re
import unicodedata

TEXT_NAMES = (
    "text", "review", "sentence", "comment", "content", "document", "body", "message", "tweet",
    "van ban", "binh luan", "noi dung", "cau", "nhan xet", "noi dung binh luan",
    "noi dung danh gia", "review text", "review body", "review content", "comment text",
    "tweet text", "utterance",
)  # fmt: skip
LABEL_NAMES = (
    "label", "class", "sentiment", "category", "target", "polarity", "rating", "stars", "topic",
    "y", "nhan", "lop", "loai", "cam xuc", "emotion", "intent", "labels", "tag",
)  # fmt: skip
# These take precedence, in this order; two of the others are ambiguous.
PREFERRED_LABEL_NAMES = ("label", "nhan", "class", "lop", "target")
# Where several columns fit by their values, one of these names decides.
LIKELY_LABEL_NAMES = (
    "sao", "so sao", "star", "star rating", "review rating", "overall", "score", "diem", "diem so",
    "xep hang", "danh gia", "sentiment label", "label text", "airline sentiment", "is spam", "spam",
    "genre", "chu de", "the loai", "danh muc", "chuyen muc", "phan loai", "y dinh", "ket qua",
)  # fmt: skip
SPLIT_NAMES = (
    "split", "fold", "subset", "partition", "set", "tap", "usage", "is train", "is test",
    "is valid", "is validation",
)  # fmt: skip
_NEVER_LABELS = (
    *SPLIT_NAMES, "", "id", "idx", "index", "row", "line", "no", "stt", "uid", "uuid", "guid",
    "lang", "language", "locale", "ngon ngu", "verified", "verified purchase", "date", "time",
    "datetime", "timestamp", "created", "ngay", "thoi gian", "url", "uri", "link", "path", "file",
    "filename", "user", "username", "author", "name", "email", "title", "source", "nguoi dung",
    "annotator", "length", "reviewer", "tac gia", "ten", "ho ten", "ho va ten", "khach hang",
    "nguoi viet", "nguoi dang", "tieu de", "ngay dang", "ngay tao", "nguon",
)  # fmt: skip
_NEVER_ENDINGS = (" id", " at", " date", " time", " url", " name", " lang", " language")
_SEPARATORS = re.compile(r"[\s_\-.]+")
_NEXT_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")  # of reviewText
_MARKS = str.maketrans("Đđ", "Dd")


def plain_name(name: str) -> str:
    """Return a name in lower case, without accents, with single spaces between its words."""
    decomposed = unicodedata.normalize("NFD", name).translate(_MARKS)
    bare = "".join(sign for sign in decomposed if unicodedata.category(sign) not in ("Mn", "Cf"))
    return _SEPARATORS.sub(" ", _NEXT_WORD.sub(" ", bare)).strip().lower()


def is_never_label(name: str) -> bool:
    """Whether a column of this name is not taken as the label unless the user says so."""
    plain = plain_name(name)
    if names_labels(plain):
        return False
    return plain in _NEVER_LABELS or plain.endswith(_NEVER_ENDINGS) or plain.startswith("unnamed:")


def names_labels(plain: str) -> bool:
    """Whether a plain name is such as "label name", beside which "label id" may be."""
    return plain.endswith(" name") and plain.removesuffix(" name") in LABEL_NAMES
