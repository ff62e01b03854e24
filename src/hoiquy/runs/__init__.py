"""The run folder: its files, arrays, history, checkpoints and diagnostics."""
