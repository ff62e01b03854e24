"""Callbacks of a training: diagnostics, loggers, notebook progress."""
