"""What the student writes: name, number and class, and remarks beside the program's.

author.py   the three fields
file.py     the text file that is merged into each report
"""
