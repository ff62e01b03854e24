"""Hyperparameter search: trials of one recipe, each a run folder, chosen by Optuna."""
