"""Progress on stderr: of the program, and of Python programs that train."""
