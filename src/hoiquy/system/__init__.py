"""Files, locks, signals, processes, memory and keyed random numbers."""
