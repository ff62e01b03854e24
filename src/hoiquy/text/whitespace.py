"""Splitting as Keras' TextVectorization: at ASCII white space, on bytes.

TensorFlow lower-cases ASCII letters only, removes punctuation without inserting a space, and
splits at ASCII white space: "Été" keeps its capital, "don't" becomes "dont", and a no-break space
stays inside a word.
"""

import string

_PUNCTUATION = string.punctuation.encode("ascii")
_TO_SPACE = bytes.maketrans(b"\t\n\v\f\r", b" " * 5)


def whitespace_words(text: str, lower: bool = False, strip: bool = False) -> bytes:
    """Return the words of a text in UTF-8, separated by one or more spaces.

    lower: lower-case ASCII letters. strip: remove ASCII punctuation.
    """
    characters = text.encode("utf-8", "surrogatepass")
    if lower:
        characters = characters.lower()
    return characters.translate(_TO_SPACE, _PUNCTUATION if strip else b"")
