"""Predictions: of texts, files and tables; explanations; the scikit-learn estimator."""
