"""The definition of every kernel: NumPy, float32 or float64, any size, written to be read."""
