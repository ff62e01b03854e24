"""`python -m hoiquy.keras`: runs a script, a module or a notebook written for Keras, unchanged.

command.py         options, and errors in them
program.py         what is run: its code, sys.argv and sys.path
notebook.py        the code of a notebook
exported.py        the code of a script, which may be exported from a notebook
figures.py         where shown figures go
figure_backend.py  matplotlib's backend where there is no display
tracebacks.py      tracebacks without the frames of this folder
"""
