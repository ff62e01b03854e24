"""A language model learnt from bare texts, and how a classifier begins with it."""
