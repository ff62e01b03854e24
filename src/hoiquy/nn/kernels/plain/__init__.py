"""The definition of every kernel in plain NumPy, for float32 and float64 of any size."""
