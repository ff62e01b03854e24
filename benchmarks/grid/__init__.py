"""The grid of `make bench`: training steps of many small networks, hoiquy beside other libraries.

cell           what a cell of the grid is, and its operations
design         the sampled design: which cells are measured
inputs         the documents of a cell, with real lengths
participants   who takes part, and why a library does not
measure        prepare, check, and take turns in one cell
plan           all cells in order, within the minutes allowed
results        all times, geometric means and worst cells
tables, heat_map   the report
"""
