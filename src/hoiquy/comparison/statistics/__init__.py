"""Intervals of an accuracy, and tests whether two classifiers differ on the same documents."""

from hoiquy.comparison.statistics.accuracy import accuracy_interval

__all__ = ["accuracy_interval"]
