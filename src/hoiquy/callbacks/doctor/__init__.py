"""The training doctor: diagnoses faults of a recipe, its data and its training.

`before_training.py` runs before the first epoch, `during_training.py` after each epoch,
`failed_training.py` and `labels.py` at the end; `doctor.py` is the listener that calls them. Rules
and thresholds: docs/doctor.md.
"""

from hoiquy.callbacks.doctor.doctor import Doctor

__all__ = ["Doctor"]
