"""Under which spellings a word is looked up in a file of word vectors."""

from unicodedata import normalize

from hoiquy.text.vietnamese import with_other_tone_placement


def spellings(word: str) -> list[bytes]:
    """The spellings in UTF-8, each once: the first that the file has is taken.

    As it is, in lower case, in NFC; then with the tone mark of Vietnamese oa, oe, uy on the other
    vowel (hoà, hòa); then with spaces where "_" joins the syllables of a word.
    """
    lower = word.lower()
    found = [word, lower, normalize("NFC", word), normalize("NFC", lower)]
    found += [with_other_tone_placement(one) for one in found[2:]]
    found += [one.replace("_", " ") for one in found if "_" in one.strip("_")]
    return [one.encode("utf-8", "surrogatepass") for one in dict.fromkeys(found)]
