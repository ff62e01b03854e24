"""All remarks on a run, from its history, result, recipe and diagnostics, free of contradictions.

What may be said is decided in `comparison.judgement`; `setting_remarks`, `curve_remarks` and
`accuracy_remarks` word it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hoiquy.comparison.judgement import AccuracyJudgement
from hoiquy.report.accuracy_remarks import about_chance, against_published, quality
from hoiquy.report.curve_remarks import about_the_curves
from hoiquy.report.remark import DoctorsRemark, MembersRemark, Remark
from hoiquy.report.scores import score_of
from hoiquy.report.setting_remarks import (
    about_the_ensemble,
    about_the_setting,
    about_unreachable_rows,
)
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.folder import Run

__all__ = ["COVERED_BY", "DoctorsRemark", "MembersRemark", "Remark", "remarks", "remarks_with"]

AT_CHANCE = ("at_chance", "near_chance", "below_chance")
OVER_FITTING = ("over_fitting", "over_fitting_loss")
# Remarks that cover a diagnostic.
COVERED_BY = {
    "ranks_as_magnitudes": ("chance_from_values",),
    "unreachable_rows": ("unreachable_rows",),
    "over_fitting": OVER_FITTING,
}


def remarks(run: Run) -> list[Remark]:
    """All remarks on a run: settings, learning curves, accuracy, and the doctor's diagnostics.

    Raises RunError for damaged predictions or diagnostics.
    """
    return remarks_with(run, score_of(run), run.diagnostics())


def remarks_with(
    run: Run, score: AccuracyJudgement | None, diagnostics: Sequence[Diagnostic]
) -> list[Remark]:
    """As `remarks`, with given score and diagnostics; without a score, no remarks on accuracy."""
    own = [*about_the_setting(run), *about_the_ensemble(run), *about_the_curves(run, score)]
    holding = _holding(diagnostics, score, own)
    if score is not None:
        own += _on_test(about_chance(run, score))
    own += about_unreachable_rows(run)
    if score is not None:
        own += _on_test([quality(run, score, holding), *against_published(run, score)])
    return _with_diagnostics(own, holding)


def _on_test(found: Iterable[Remark]) -> list[Remark]:
    return [replace(one, on_test=True) for one in found]


def _holding(
    diagnostics: Sequence[Diagnostic], score: AccuracyJudgement | None, own: Sequence[Remark]
) -> list[Diagnostic]:
    """The diagnostics that neither the test documents nor the whole history contradict."""
    keys = {remark.key for remark in own}
    found = list(diagnostics)
    if score is not None and score.is_useful:
        found = [one for one in found if not one.key.startswith("chance_")]
    if not keys & set(OVER_FITTING):
        found = [one for one in found if one.key != "over_fitting"]
    return found


def _with_diagnostics(own: list[Remark], diagnostics: Sequence[Diagnostic]) -> list[Remark]:
    """The remarks, with uncovered diagnostics first."""
    others: list[Remark] = []
    for diagnostic in diagnostics:
        if diagnostic.key.startswith("chance_"):  # says more than the remark
            own = [one for one in own if one.key not in AT_CHANCE]
        same = COVERED_BY.get(diagnostic.key, ())
        at = next((at for at, remark in enumerate(own) if remark.key in same), None)
        if at is None:
            others.append(DoctorsRemark(diagnostic.key, diagnostic.values, diagnostic))
        elif diagnostic.setting:
            own[at] = replace(own[at], diagnostic=diagnostic)
    return others + own
