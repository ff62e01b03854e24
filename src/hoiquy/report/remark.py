"""A remark on a run: a key of the catalogue with values, the same for both languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hoiquy.messages import Lang, text
from hoiquy.report.members import MembersInfo
from hoiquy.runs.diagnostic import Diagnostic


@dataclass(frozen=True)
class Remark:
    """One statement about a run, with the suggested setting of an equivalent diagnostic if any."""

    key: str  # of the catalogue, after "remark."
    values: Mapping[str, Any] = field(default_factory=dict)
    diagnostic: Diagnostic | None = None
    on_test: bool = False  # about the test accuracy, not about the training

    def text(self, lang: Lang) -> str:
        """The statement as text."""
        statement = text(f"remark.{self.key}", lang, **self.values)
        return f"{statement} {self.diagnostic.change(lang)}" if self.diagnostic else statement


@dataclass(frozen=True)
class GradeRemark(Remark):
    """A remark that names grades, whose words depend on the language."""

    lower: str = ""  # after "grade."
    upper: str = ""

    def text(self, lang: Lang) -> str:
        """The statement as text."""
        grades = {"lower": text(f"grade.{self.lower}", lang)}
        grades["upper"] = text(f"grade.{self.upper}", lang)
        return text(f"remark.{self.key}", lang, **self.values, **grades)


@dataclass(frozen=True)
class DoctorsRemark(Remark):
    """A diagnostic of the training doctor that no other remark covers."""

    def text(self, lang: Lang) -> str:
        """The diagnostic as text."""
        assert self.diagnostic is not None
        return self.diagnostic.text(lang)


@dataclass(frozen=True)
class MembersRemark(Remark):
    """Which members of an ensemble predict, and how good they are on held-out documents."""

    members: MembersInfo | None = None

    def text(self, lang: Lang) -> str:
        """The statement as text."""
        assert self.members is not None
        return self.members.sentence(lang)
