"""The data of a run in the report's language; the description in its result is English."""

from hoiquy.messages import Lang, text
from hoiquy.runs.files import Result
from hoiquy.runs.imdb_data import is_imdb


def data_words(result: Result, lang: Lang) -> str:
    """What the data is, in a few words."""
    if lang == "en" and result.data_description:
        return result.data_description
    counts = {
        "train": result.train_documents + result.validation_documents,
        "test": result.test_documents,
        "classes": len(result.classes),
    }
    if result.official_test:
        return text("data_words.imdb_official", lang, **counts)
    if is_imdb(result.data):
        return text("data_words.imdb_train", lang, **counts)
    return text("data_words.several" if result.multilabel else "data_words.other", lang, **counts)
