"""The page of `hoiquy serve`: static files, those of the report among them, and its texts."""
