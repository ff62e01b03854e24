"""CSV and TSV: delimiter, quoting, records."""
