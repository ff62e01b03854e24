"""Tables of texts on disk: CSV, JSON, Excel, Parquet and Arrow."""
