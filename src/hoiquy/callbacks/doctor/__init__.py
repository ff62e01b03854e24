"""The training doctor: looks at a recipe, its data and its training, and says what is wrong.

`before.py` looks before the first epoch, `while_training.py` after each, `labels.py` at the end;
`doctor.py` is the listener that calls them. Rules and thresholds: docs/doctor.md.
"""

from hoiquy.callbacks.doctor.doctor import Doctor

__all__ = ["Doctor"]
