"""Documents encoded for training, in batches."""
