"""`hoiquy bench`: the same work done by hoiquy and by other libraries, turn by turn in one run.

peers         which libraries, which versions, what each can do
environments  a virtual environment for each of them
workers/      one script a library, run inside its own environment; they share no code
worker        a running script: start, ask, end
documents     the batches that all of them get
cases         what is measured: a network, a size, a kind of work
rounds        taking turns, and checking that all compute the same function
results       all times of a run, their medians, spreads and ratios
table, charts what people see
"""
