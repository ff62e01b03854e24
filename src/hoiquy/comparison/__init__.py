"""Compare networks and baselines on the test documents of their runs, without training."""

from hoiquy.comparison.candidates import Candidate
from hoiquy.comparison.compare import Comparison, compare_runs
from hoiquy.comparison.pairs import Pair
from hoiquy.comparison.verdict import label_of, verdict_text

__all__ = ["Candidate", "Comparison", "Pair", "compare_runs", "label_of", "verdict_text"]
