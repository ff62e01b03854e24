"""`make bench`: the same training and prediction by hoiquy and by other libraries, in turn.

libraries      the peers, their versions, and a virtual environment for each
native         shared libraries of peers without a Python interface
cases          what is measured, and the batches that all participants get
worker         a worker process: start it, send requests, end it
workers/       one script a library; those of peers import nothing of hoiquy
rounds         check that all compute the same function, then take turns
results        all times of a run, with medians, ranges and ratios
table, chart   the report
"""
