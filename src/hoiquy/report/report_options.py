"""What a report has beside its runs."""

from dataclasses import dataclass, field

from hoiquy.report.own_words.file import OwnWords


@dataclass(frozen=True)
class ReportOptions:
    """The student's own words, and whether the report is the brief one, without appendices."""

    own: OwnWords = field(default_factory=OwnWords)
    brief: bool = False


FULL = ReportOptions()  # with appendices and without words of a student
