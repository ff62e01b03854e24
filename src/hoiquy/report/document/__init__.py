"""A report as blocks, the same for every format that is read from top to bottom.

blocks.py     what a report is made of
marks.py      **bold** and `code` within a text
markdown.py   blocks as Markdown
docx.py       blocks as a Word document
"""
