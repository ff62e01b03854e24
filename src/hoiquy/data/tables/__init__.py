"""Tables on disk: CSV, TSV, JSON, Excel, Parquet and Arrow.

Where to find things:

    headers.py             whether the first row is a header (CSV, TSV, Excel)
    columns.py             which column is the text, which the label, which names the split
    csv/format.py          detects delimiter, quoting and header of a CSV or TSV file
    csv/delimiter.py       chooses the delimiter
    csv/records.py         splits lines into cells; isolates damaged quotes
    csv/unclosed_quotes.py tells an unclosed quote from a cell of several lines
    csv/rows.py            rows of CSV and TSV
    json_rows.py           rows of JSON and JSON Lines
    xlsx_rows.py           rows of Excel workbooks
    arrow_rows.py          rows of Parquet, Arrow and Feather
    parquet_part.py        a range of rows of a Parquet file
    rows.py                rows of any format, as Row or BadRow
    row.py                 Row, BadRow and RowCount
    dataset.py             rows become a Dataset
    formats.py             supported formats; recognises other files by their first bytes
    text_file.py           opens text files, gzip included
    read_errors.py         encodings; read errors as one-line messages
    file_options.py        encoding, header and quoting that a user may set
    run_options.py  applies a run's table options to a new table
"""
