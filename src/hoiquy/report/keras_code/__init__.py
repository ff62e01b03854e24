"""A recipe of the lab as Keras code, for the report: text only, which nothing here runs.

layers.py      one layer of a recipe as a call of Keras
suggestion.py  a setting of the doctor as a change of the code
script.py      the parts of the script: the data, one exercise, the whole
"""
