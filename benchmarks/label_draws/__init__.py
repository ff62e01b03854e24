"""Few labels, many texts without: what each method reaches (`few_labels.py`).

pool        the texts of a set: to draw labels of, without labels, to score on
stratified  which documents are drawn
draw        the labels that are drawn, the texts without, and their files
methods     the baselines, and trainings of hoiquy
records     what was measured, and the file that keeps it
table       means, differences to the best baseline and their intervals
"""
