"""What any network must be set against: simple classifiers that are trained in seconds.

`saved.py` says what is kept of one, `training.py` trains them, a method a file: `majority.py`,
`tfidf_logistic.py`, `nb_svm.py`. Their settings come from the literature and were fixed before any
test document was looked at.
"""

from hoiquy.comparison.baselines.saved import Baseline, BaselineFacts, load_baseline, save_baseline

__all__ = ["Baseline", "BaselineFacts", "load_baseline", "save_baseline"]
