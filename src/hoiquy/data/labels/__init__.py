"""Labels of a table.

labelled_rows.py       rows become labelled documents; which rows are bad
labelled_documents.py  collects documents with one label each
label_sets.py          collects documents with several labels each
columns.py             several labels a row: binary columns, lists, separators
cells.py               the label names in one cell; sorting of classes
class_names.py         names of Hugging Face's ClassLabel numbers
"""
