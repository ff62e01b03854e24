"""Linear classifiers: `features.py` counts n-grams, `fit.py` trains, `model.py` predicts."""
