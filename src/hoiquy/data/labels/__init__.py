"""Labels of a table: their cells, columns and classes."""
