"""Train an ensemble for a data set: the recipe `auto` with time to spend.

`training.py` runs the plan. `candidates.py` has the networks that are tried, `linear.py` and
`network.py` train a model, `folds.py` says on which documents, `combination.py` weighs them.
"""
