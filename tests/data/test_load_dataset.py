import json
import shutil
import socket
from pathlib import Path

import pytest
from imdb_miniature import pack_tree, write_tree

from hoiquy.data import fetch, list_datasets, load_dataset, loading
from hoiquy.data.imdb.download import RemoteFile
from hoiquy.data.imdb.locate import cache_folder, find_imdb
from hoiquy.errors import DataError, DownloadError


def test_the_known_names_are_listed_with_a_line_each() -> None:
    known = list_datasets()
    assert [dataset.name for dataset in known] == ["imdb", "imdb-train", "rotten"]
    assert all(dataset.description and "\n" not in dataset.description for dataset in known)


@pytest.mark.parametrize("name", ["imbd", "IMDB", "imdb_train", "roten", "", "~no/x", "x" * 999])
def test_an_unknown_name_lists_the_known_ones(name: str) -> None:
    with pytest.raises(DataError, match="imdb, imdb-train, rotten") as caught:
        load_dataset(name)
    with pytest.raises(DataError, match="imdb, imdb-train, rotten"):
        fetch(name)
    assert repr(name) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_nearest_name_is_offered() -> None:
    with pytest.raises(DataError, match="did you mean 'rotten'"):
        load_dataset("roten")


@pytest.mark.parametrize("name", ["reviews.txt", "aclImdb_v1.zip"])
def test_other_files_are_refused_with_what_is_supported(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("text,label\n")
    with pytest.raises(
        DataError, match=r"expected a table .* aclImdb_v1\.tar\.gz.* imdb\.npz"
    ) as caught:
        load_dataset(tmp_path / name)
    assert ("rename it to end in .csv" in str(caught.value)) == name.endswith(".txt")


def test_a_path_may_be_a_string_and_is_the_name(tree: Path) -> None:
    assert load_dataset(str(tree)).name == str(tree)


def test_a_known_name_wins_over_a_folder(own_machine: Path) -> None:
    write_tree(own_machine / "imdb-train")
    assert len(load_dataset("imdb-train").train) == 20_000
    assert len(load_dataset("./imdb-train").train) == 6


def test_imdb_is_looked_for_in_order(own_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_imdb() is None
    keras = own_machine / ".keras" / "datasets" / "imdb.npz"
    keras.parent.mkdir(parents=True)
    keras.write_bytes(b"")
    assert find_imdb() is None  # the word index is missing
    keras.with_name("imdb_word_index.json").write_text(json.dumps({}))
    assert find_imdb() == keras

    tree = write_tree(own_machine / "elsewhere")
    for folder in (Path("data"), Path(), cache_folder()):
        folder.mkdir(parents=True, exist_ok=True)
        assert find_imdb() != folder / "aclImdb_v1.tar.gz"
        pack_tree(tree, folder / "aclImdb_v1.tar.gz")
        assert find_imdb() == folder / "aclImdb_v1.tar.gz"
        shutil.copytree(tree, folder / "aclImdb")
        assert find_imdb() == folder / "aclImdb"

    monkeypatch.setenv("HOIQUY_IMDB", str(tree))
    assert find_imdb() == tree


def test_imdb_keeps_its_name_and_is_not_called_official_without_proof(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOIQUY_IMDB", str(tree))
    dataset = load_dataset("imdb")
    assert dataset.name == "imdb"
    assert not dataset.official_test


def test_a_wrong_environment_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOIQUY_IMDB", "nowhere")
    with pytest.raises(DataError, match="HOIQUY_IMDB is 'nowhere'"):
        load_dataset("imdb")


def test_without_a_network_one_line_names_the_remedies(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(remote: RemoteFile, *args: object) -> None:
        raise DownloadError(f"{remote.url} could not be downloaded (no network)")

    monkeypatch.setattr(loading, "download", give_up)
    with pytest.raises(DownloadError) as caught:
        load_dataset("imdb")
    message = str(caught.value)
    assert "\n" not in message
    for part in ("ai.stanford.edu", "--data PATH", "imdb_word_index.json", "online", "imdb-train"):
        assert part in message


def test_a_real_refused_connection_ends_in_the_same_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        remote = RemoteFile(f"http://127.0.0.1:{held.getsockname()[1]}/file", 9, "0" * 64)
        monkeypatch.setattr(loading, "OFFICIAL_ARCHIVE", remote)
        monkeypatch.setattr("pooch.core.time.sleep", lambda seconds: None)
        with pytest.raises(DownloadError, match=r"refused.*--data PATH"):
            load_dataset("imdb")


def test_imdb_is_downloaded_once_and_then_read_from_the_cache(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    downloads = []

    def copy(remote: RemoteFile, target: Path, on_progress: object) -> Path:
        downloads.append(remote)
        target.parent.mkdir(parents=True)
        return Path(shutil.copy(archive, target))

    monkeypatch.setattr(loading, "download", copy)
    first = load_dataset("imdb")
    assert load_dataset("imdb").fingerprint() == first.fingerprint()
    assert downloads == [loading.OFFICIAL_ARCHIVE]


def test_fetch_of_an_installed_data_set_gives_its_file() -> None:
    assert fetch("rotten").suffix == ".csv"
