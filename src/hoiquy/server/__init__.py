"""`hoiquy serve`: trained networks over HTTP, and a page that shows them reading."""
