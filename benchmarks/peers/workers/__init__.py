"""Scripts that do the measured work, each run by the interpreter of its own environment.

`serve.py` is started with the name of one of the others. Those of the peers import NumPy and the
peer, never hoiquy, which is not installed there. Each has two functions:

    versions() → {"package": "version"}
    prepare(task) → (step, probabilities)

`prepare` builds a network from a plain description (see `hoiquy.bench.cases`). `step()` does the
measured work once. `probabilities()` returns (documents, classes) for the first documents of the
task, so that all can be seen to compute the same function; it is None for a layer alone.
"""
