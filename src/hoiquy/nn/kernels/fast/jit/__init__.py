"""The fast kernels as Numba functions; `entries.py` lists those that Python calls.

Only the process that compiles imports this package (`fast/object_code.py`): all others load the
machine code.
"""
