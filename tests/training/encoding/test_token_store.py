"""A training from a token store gives the bits of one from the data; what is wrong is refused."""

import json
import shutil
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from hoiquy.callbacks.doctor.before_training import duplicated_rows
from hoiquy.data import load_dataset
from hoiquy.data.labels.labelled_rows import TableOptions
from hoiquy.data.token_store import STORE
from hoiquy.errors import DataError, RecipeError, RunError
from hoiquy.events import Event, StepFinished, ignore
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs import files as run_files
from hoiquy.system.checksummed_files import MANIFEST, read_checksummed
from hoiquy.training.encoding import to_store as store_writing
from hoiquy.training.encoding.prepare import prepare
from hoiquy.workflows import encode as encode_run
from hoiquy.workflows.compare import compare
from hoiquy.workflows.encode import encode
from hoiquy.workflows.train import resume, train
from hoiquy.workflows.verify import retrain, verify
from miniatures import WORDS, miniature

RECIPE = miniature("fast", "training.min_steps=0", "text.ngram_min_count=2")


def write_table(path: Path, documents: int = 120, seed: int = 1) -> Path:
    """Random words of two classes; in each text is half a character."""
    rng = np.random.default_rng(seed)
    texts = [" ".join([*rng.choice(WORDS, 6), f"d{at} \ud800 đ 😀"]) for at in range(documents)]
    rows = [{"text": text, "label": "yn"[int(rng.integers(2))]} for text in texts]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def stored(data: Path, out: Path, recipe: Recipe = RECIPE, **how: Path) -> Path:
    """A store whose files hold few tokens, so that there are many."""
    with patch.object(store_writing, "SHARD_TOKENS", 100):
        encode(data, recipe, out, on_event=ignore, **how)
    return out


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(tmp_path_factory.mktemp("table") / "table.jsonl")


@pytest.fixture(scope="module")
def store(table: Path) -> Path:
    return stored(table, table.parent / "store")


@pytest.fixture(scope="module")
def direct(table: Path) -> Path:
    """A run that was trained on the table itself."""
    return train(table, RECIPE, table.parent / "direct", on_event=ignore).folder


@pytest.fixture
def copied(store: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(store, tmp_path / "copied"))


def assert_same_run(one: Path, other: Path) -> None:
    for name in run_files.REPEATABLE:
        assert read_checksummed(one, name) == read_checksummed(other, name), name


def test_a_training_gives_the_same_bits(store: Path, direct: Path, tmp_path: Path) -> None:
    assert len(list(store.glob("train-tokens-*.bin"))) > 3
    run = train(store, RECIPE, tmp_path / "run", on_event=ignore)
    assert_same_run(run.folder, direct)
    assert run.environment()["data_source"] == str(store)
    assert verify(run.folder)[1] == [] and retrain(run.folder) == []
    with pytest.raises(DataError, match=r"nowhere.*; if the data set has moved, pass --data PATH"):
        retrain(run.folder, tmp_path / "nowhere")


def test_tables_for_the_parts_and_another_recipe_of_the_same_words(
    table: Path, tmp_path: Path
) -> None:
    parts = {
        "test": write_table(tmp_path / "test.jsonl", 40, 2),
        "validation": write_table(tmp_path / "validation.jsonl", 40, 3),
    }
    learnt = table.read_text().splitlines(keepends=True)
    with parts["test"].open("a") as file:
        file.writelines(learnt[10:20])
    folder = stored(table, tmp_path / "store", **parts)
    settings = ["data.max_length=5", "data.validation_fraction=0.3", "training.seed=7"]
    recipe = RECIPE.with_settings(settings)
    one = train(table, recipe, tmp_path / "one", on_event=ignore, **parts)
    assert "duplicates" in [diagnostic.key for diagnostic in one.diagnostics()]
    assert_same_run(one.folder, train(folder, recipe, tmp_path / "other", on_event=ignore).folder)
    assert retrain(one.folder, folder) == []  # whose parts are not said again
    moved = shutil.copy(table, tmp_path / "moved.jsonl")
    assert retrain(one.folder, moved) == []


def test_what_is_prepared_is_what_preparing_gives(table: Path, store: Path) -> None:
    there, here = load_dataset(table), load_dataset(store)
    assert here.fingerprint() == there.fingerprint()
    assert here.without_test().fingerprint() == there.without_test().fingerprint()
    assert list(here.test.texts) == list(there.test.texts)
    np.testing.assert_array_equal(duplicated_rows(here), duplicated_rows(there))
    assert len(duplicated_rows(here.without_test())) == 0
    first, second = prepare(RECIPE, there), prepare(RECIPE, here)
    assert first.vocabulary.words == second.vocabulary.words
    for part in ("train", "validation", "test"):
        one, other = getattr(first, part), getattr(second, part)
        np.testing.assert_array_equal(one.labels, other.labels)
        np.testing.assert_array_equal(one.documents.starts, other.documents.starts)
        assert one.documents.indices[:].tobytes() == np.asarray(other.documents.indices).tobytes()
    assert len(prepare(RECIPE, here.without_test()).test) == 0


def test_it_goes_on_where_it_was_stopped_on_the_store_or_the_data(
    table: Path, store: Path, direct: Path, tmp_path: Path
) -> None:
    def stop(event: Event) -> None:
        if isinstance(event, StepFinished):
            raise KeyboardInterrupt

    for number, data in enumerate((None, table)):
        out = tmp_path / str(number)
        with pytest.raises(KeyboardInterrupt):
            train(store, RECIPE, out, on_event=stop)
        assert_same_run(resume(out, data=data, on_event=ignore).folder, direct)
    with pytest.raises(KeyboardInterrupt):
        train(table, RECIPE, tmp_path / "from-data", on_event=stop)
    run = resume(tmp_path / "from-data", data=store, on_event=ignore)
    # The table's name was typed as a path of this test; it stays that of the run.
    assert_same_run(run.folder, direct)


def test_recipes_are_compared_on_a_store_without_baselines(store: Path, tmp_path: Path) -> None:
    other = RECIPE.model_copy(update={"name": "other"})
    notes: list[str] = []
    compared = compare(
        recipes=[RECIPE, other], data=store, seeds=1, out=tmp_path,
        on_event=ignore, on_note=notes.append,
    )  # fmt: skip
    assert len(compared.candidates) == 2
    assert "without baselines" in notes[-1] and "has no texts of training" in notes[-1]


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("text.num_words=29", r"text.num_words = 30, but the recipe has 29: .*num_words=30"),
        ("text.ngrams=1", r"text.ngrams = 2, but the recipe has 1"),
        ("text.tokenizer=keras", r"text.tokenizer = unicode"),
        ("data.validation_fraction=0.2", r"data.validation_fraction = 0.1"),
    ],
)
def test_a_recipe_of_other_words_is_refused(
    store: Path, tmp_path: Path, setting: str, told: str
) -> None:
    with pytest.raises(RecipeError, match=told) as raised:
        train(store, RECIPE.with_settings([setting]), tmp_path / "run", on_event=ignore)
    assert "\n" not in str(raised.value) and "encode the data again" in str(raised.value)
    assert not (tmp_path / "run").exists()  # the same --out does for the next try


def test_what_needs_the_texts_or_says_the_columns_again_is_refused(
    store: Path, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="has no texts of training documents"):
        train(store, "auto", tmp_path / "auto", on_event=ignore)
    with pytest.raises(DataError, match="pass columns and parts to hoiquy encode instead"):
        load_dataset(store, options=TableOptions(text="text"))
    for name in ("a" * 300, "~no such user/a.csv"):  # which no system can even look for
        with pytest.raises(DataError, match="is not a data set"):
            train(name, RECIPE, tmp_path / name[:3], on_event=ignore)
    with pytest.raises(DataError, match="is a token store already"):
        encode(store, RECIPE, tmp_path / "again", on_event=ignore)
    with pytest.raises(RunError, match="is a token store, not a run: train from it"):
        resume(store, on_event=ignore)
    with pytest.raises(RecipeError, match="'auto' is fitted to the texts"):
        encode("rotten", "auto", tmp_path / "again", on_event=ignore)


def test_any_changed_byte_and_any_lost_file_is_told(copied: Path) -> None:
    assert verify(copied)[1] == []
    names = [path.name for path in copied.iterdir() if path.name not in (MANIFEST, STORE)]
    assert len(names) > 15
    for name in names:
        path = copied / name
        whole = path.read_bytes()
        other = [whole[:-1] + bytes([whole[-1] ^ 1]), whole[:-1], whole[:-4]] if whole else []
        for wrong in (*other, whole + bytes(8), None):
            if wrong is None:
                path.unlink()
            else:
                path.write_bytes(wrong)
            with pytest.raises(DataError, match="encode the data again") as raised:
                load_dataset(copied)
            assert name in str(raised.value)
            assert len(verify(copied)[1]) == 1
            path.write_bytes(whole)
    load_dataset(copied)


class Killed(BaseException):
    """As SIGKILL: nobody tidies up."""


@pytest.mark.parametrize("writes", [0, 3, 12])
def test_a_store_that_was_cut_off_is_refused_and_begun_anew(
    table: Path, store: Path, tmp_path: Path, writes: int
) -> None:
    out, write, done = tmp_path / "half", store_writing._write, []

    def killed(path: Path, content: Any) -> str:
        if len(done) == writes:
            raise Killed
        done.append(path)
        return write(path, content)

    with (
        patch.object(store_writing, "_write", killed),
        patch.object(encode_run, "_forget", lambda folder: None),
        pytest.raises(Killed),
    ):
        stored(table, out)
    assert all(path.exists() for path in done)
    with pytest.raises(DataError, match=r"is an unfinished token store: run hoiquy encode again"):
        train(out, RECIPE, tmp_path / "run", on_event=ignore)
    assert "an unfinished token store" in verify(out)[1][0]
    stored(table, out)
    assert (out / MANIFEST).read_bytes() == (store / MANIFEST).read_bytes()
    assert {path.name for path in out.iterdir()} == {path.name for path in store.iterdir()}
    with pytest.raises(RunError, match="is a token store already: choose another --out"):
        stored(table, out)


def test_nothing_is_left_where_it_was_stopped_or_failed(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    stopping = patch.object(store_writing, "_write", side_effect=KeyboardInterrupt)
    with stopping, pytest.raises(KeyboardInterrupt):
        stored(table, out)
    assert not list(out.iterdir())
    with pytest.raises(DataError):
        stored(tmp_path / "nowhere.csv", out)
    assert not list(out.iterdir())
    (out / "mine.txt").write_text("")
    with pytest.raises(RunError, match="is not empty"):
        stored(table, out)
    assert (out / "mine.txt").exists()
    (out / "mine.txt").unlink()
    (out / MANIFEST).write_text('{"name": "a web page"}')
    with pytest.raises(RunError, match="not a list of files and their hashes"):
        stored(table, out)
    assert [path.name for path in out.iterdir()] == [MANIFEST]
