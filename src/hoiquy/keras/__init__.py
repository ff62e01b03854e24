"""Keras' names and spellings over the networks of `hoiquy.nn`, without Keras installed."""
