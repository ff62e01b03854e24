"""Baselines: simple classifiers that train in seconds, to compare networks with.

`saved.py` has their folders, `training.py` trains them, each method has a file: `majority.py`,
`tfidf_logistic.py`, `nb_svm.py`. Their settings come from the literature and were fixed before any
test document was used.
"""

from hoiquy.comparison.baselines.saved import Baseline, BaselineFacts, load_baseline, save_baseline

__all__ = ["Baseline", "BaselineFacts", "load_baseline", "save_baseline"]
