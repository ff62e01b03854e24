"""Pretrain a language model on unlabelled texts, and initialise a classifier from it."""
