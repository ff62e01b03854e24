"""The report as one HTML page, built by `build.py` from `templates` and `assets`.

`content.py` has its content independent of language; the templates write it in both.
"""
