"""Who hands the report in."""

from dataclasses import dataclass, fields

from hoiquy.messages import Lang, text


@dataclass(frozen=True)
class Author:
    """Name, student number and class; an empty field is left blank in the report."""

    name: str = ""
    student_id: str = ""
    class_name: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, key) for key in FIELDS)

    def or_else(self, other: "Author") -> "Author":
        """The fields of this one where they are filled, otherwise those of the other."""
        return Author(*(getattr(self, key) or getattr(other, key) for key in FIELDS))

    def lines(self, lang: Lang) -> list[tuple[str, str]]:
        """Each field with its label, in the report's order."""
        return [(text(f"author.{key}", lang), getattr(self, key)) for key in FIELDS]


FIELDS = tuple(field.name for field in fields(Author))
