"""Training: the loop, its state, checkpoints, schedules and memory."""
