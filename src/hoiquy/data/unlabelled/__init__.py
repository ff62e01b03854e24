"""Texts without labels: `sources` for pre-training, `rows` for prediction."""
