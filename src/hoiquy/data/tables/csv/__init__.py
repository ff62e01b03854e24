"""CSV and TSV: `format` detects how a file is written, `rows` reads it by `records`."""
