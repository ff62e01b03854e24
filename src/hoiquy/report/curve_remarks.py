"""Remarks on the learning curves: words for what `comparison.judgement` decided."""

from collections.abc import Iterator
from typing import Any

from hoiquy.comparison.judgement import AccuracyJudgement, LossFacts, judge_fit, loss_facts
from hoiquy.comparison.judgement.curves import documents_for_course
from hoiquy.comparison.judgement.sample_size import documents_for, precision_of, rounded_up
from hoiquy.report.remark import Remark
from hoiquy.runs.folder import Run
from hoiquy.training.early_stopping import best_epoch


def about_the_curves(run: Run, judged: AccuracyJudgement | None) -> Iterator[Remark]:
    """The range of the accuracies, the course of the loss, the fit; nothing without an epoch."""
    if not run.history:
        return
    facts = loss_facts(run.history, run.result.validation_documents)
    yield _accuracy_range(run)
    yield _loss_course(run, facts)
    if len(run.history) > 1:
        yield _fit(run, facts, judged)
        yield from _kept_epoch(run)


def _accuracy_range(run: Run) -> Remark:
    train = [record.accuracy for record in run.history]
    validation = [record.val_accuracy for record in run.history]
    if len(train) == 1:
        return Remark("accuracy_one_epoch", {"train": train[0], "validation": validation[0]})
    values = {
        "epochs": len(train),
        "train_low": min(train),
        "train_high": max(train),
        "val_low": min(validation),
        "val_high": max(validation),
    }
    return Remark("accuracy_range", values)


def _loss_course(run: Run, facts: LossFacts) -> Remark:
    values = {
        "epoch": facts.epoch,
        "share": facts.allowed,
        "first": facts.first,
        "best": facts.best,
        "best_epoch": facts.best_epoch,
        "last": facts.last,
        "rate": facts.rate,
        "last_rate": facts.last_rate,
        "documents": run.result.validation_documents,
    }
    if facts.course == "noisy":
        values["needed"] = rounded_up(documents_for_course(facts))
    return Remark(f"loss_{facts.course}", values)


def _fit(run: Run, facts: LossFacts, judged: AccuracyJudgement | None) -> Remark:
    end, result = run.history[-1], run.result
    # with test documents of a single class, as without any: that of equal classes
    known = judged is not None and judged.majority < 1
    majority = judged.majority if judged and known else 1 / max(len(result.classes), 2)
    documents = (result.train_documents, result.validation_documents)
    fit = judge_fit(run.history, facts, documents, majority, judged)
    values: dict[str, Any] = {
        "train": end.accuracy,
        "validation": end.val_accuracy,
        "gap": end.accuracy - end.val_accuracy,
        "best_epoch": facts.best_epoch,
        "best": facts.best,
        "last": facts.last,
        "documents": result.validation_documents,
        "low": fit.low,
        "high": fit.high,
        "needed": documents_for(fit.low, fit.high, majority),
        "precision": precision_of(majority),
    }
    return Remark(fit.key, values)


def _kept_epoch(run: Run) -> Iterator[Remark]:
    """The weights of an earlier epoch were kept."""
    stopping = run.recipe.training.early_stopping
    if not stopping.restore_best or run.result.status == "interrupted":
        return
    kept = best_epoch(run.history, stopping)
    if kept < len(run.history):
        values = {"epoch": kept, "monitor": stopping.monitor, "epochs": len(run.history)}
        yield Remark("kept_best", values)
