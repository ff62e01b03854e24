"""What any network must be set against: simple classifiers that are trained in seconds."""

from hoiquy.baselines.saved import Baseline, load_baseline

__all__ = ["Baseline", "load_baseline"]
