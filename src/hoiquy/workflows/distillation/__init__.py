"""Pseudo-label texts with teachers, and train a classifier on their probabilities."""
