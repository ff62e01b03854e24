"""`hoiquy serve`: trained networks over HTTP, and a page to try them on.

`app.py` puts the parts together, `process.py` runs them. `engine.py` is the one thread that
computes, `served_models.py` says which network answers, `served_runs.py` what the folder holds.
"""
