"""The report as one HTML page: `build.py` puts it together, `templates` and `assets` are its look.

`content.py` is what the page says, in no language; the templates say it in both.
"""
