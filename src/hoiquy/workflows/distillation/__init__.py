"""Teachers answer texts without labels, and a classifier learns from their probabilities."""
