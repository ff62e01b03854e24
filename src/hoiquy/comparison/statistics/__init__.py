"""How sure an accuracy is, and whether two classifiers really differ on the same documents."""

from hoiquy.comparison.statistics.accuracy import accuracy_interval

__all__ = ["accuracy_interval"]
