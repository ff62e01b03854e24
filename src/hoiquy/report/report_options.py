"""What a report has beside its runs."""

from dataclasses import dataclass

from hoiquy.report.own_words.file import OwnWords


@dataclass(frozen=True)
class ReportOptions:
    """The student's own words, and whether the report is the brief one, without appendices."""

    own: OwnWords = OwnWords()
    brief: bool = False
