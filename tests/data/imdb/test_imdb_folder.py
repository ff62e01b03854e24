"""The official layout, as a folder and as an archive; and archives that are not what they seem."""

import gzip
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imdb_miniature import add_file, pack_tree, write_tree

from hoiquy.data import load_dataset
from hoiquy.data.imdb import archive as imdb_archive
from hoiquy.errors import DataError


def message_of(path: Path) -> str:
    """Return the error of loading `path`, after checking that it is one line."""
    with pytest.raises(DataError) as caught:
        load_dataset(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_gives_its_labelled_reviews(tree: Path) -> None:
    dataset = load_dataset(tree)
    assert dataset.name == str(tree)
    assert dataset.classes == ("neg", "pos")
    assert len(dataset.train) == len(dataset.test) == 6
    for part, documents in (("train", dataset.train), ("test", dataset.test)):
        for text, label in zip(documents.texts, documents.labels, strict=True):
            assert text.startswith(f"{part} {dataset.classes[label]} number")
            assert text.endswith("café")
        assert documents.labels.dtype == np.int32


def test_a_miniature_is_not_called_official(tree: Path) -> None:
    dataset = load_dataset(tree)
    assert not dataset.official_test
    assert "not the official test" in dataset.description


def test_folder_archive_and_parent_folder_give_the_same(tree: Path, archive: Path) -> None:
    fingerprint = load_dataset(tree).fingerprint()
    assert load_dataset(tree.parent).fingerprint() == fingerprint
    assert load_dataset(archive).fingerprint() == fingerprint


def test_line_ends_inside_a_review_are_kept(tree: Path) -> None:
    (tree / "test" / "pos" / "0_7.txt").write_bytes(b"one\r\ntwo\x85three\n")
    assert "one\r\ntwo\x85three\n" in load_dataset(tree).test.texts


def test_progress_is_reported(archive: Path) -> None:
    calls: list[tuple[str, int, int | None]] = []
    load_dataset(archive, lambda *call: calls.append(call))
    what, done, total = calls[-1]
    assert what == "reading aclImdb_v1.tar.gz"
    assert total == archive.stat().st_size
    assert 0 <= done <= total


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("emptied", [False, True])
def test_a_class_without_reviews_is_named(tree: Path, packed: bool, emptied: bool) -> None:
    shutil.rmtree(tree / "test" / "neg")
    if emptied:
        (tree / "test" / "neg").mkdir()
    path = pack_tree(tree, tree.parent / "small.tar.gz") if packed else tree
    message = message_of(path).replace("\\", "/")
    assert "test/neg" in message


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    assert "expected a folder for each class" in message_of(tmp_path)


@pytest.mark.parametrize("name", ["../evil.txt", "aclImdb/../../evil.txt", "/tmp/evil.txt"])
def test_a_member_that_points_outside_is_refused(tree: Path, name: str) -> None:
    path = tree.parent / "evil.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(tree, arcname="aclImdb")
        add_file(archive, name)
    before = sorted(tree.parent.parent.rglob("*"))
    message = message_of(path)
    assert f"member {name!r} points outside" in message and "damaged" not in message
    assert sorted(tree.parent.parent.rglob("*")) == before


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices_are_refused(tree: Path, kind: bytes) -> None:
    path = tree.parent / "evil.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(tree, arcname="aclImdb")
        member = tarfile.TarInfo("aclImdb/train/pos/9_9.txt")
        member.type = kind
        member.linkname = "/etc/hostname"
        archive.addfile(member)
    assert "is a link or a device" in message_of(path)


def test_a_review_of_enormous_size_is_refused(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imdb_archive, "MAX_REVIEW_BYTES", 10)
    assert "expected reviews of at most 10" in message_of(archive)


def test_other_files_may_be_larger_than_a_review(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The official archive holds bags of words of 21 and 41 MB beside its reviews."""
    monkeypatch.setattr(imdb_archive, "MAX_REVIEW_BYTES", 1000)
    (tree / "train" / "labeledBow.feat").write_bytes(b"0:1 " * 1000)
    path = pack_tree(tree, tree.parent / "official.tar.gz")
    assert len(load_dataset(path).train) == 6


def test_an_enormous_extended_header_is_refused_before_it_is_read(tree: Path) -> None:
    member = tarfile.TarInfo("header")
    member.type = tarfile.XHDTYPE
    member.size = 2**32
    path = tree.parent / "evil.tar.gz"
    path.write_bytes(gzip.compress(member.tobuf()))
    assert "bad header: size 4294967296" in message_of(path)


def test_two_trees_in_one_archive_are_refused(tree: Path) -> None:
    path = tree.parent / "two.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(tree, arcname="a")
        archive.add(tree, arcname="b")
    assert "found 'a' and 'b'" in message_of(path)


def test_the_root_may_be_missing_or_a_dot(tree: Path) -> None:
    for name in (".", ""):
        path = tree.parent / "rootless.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            for part in ("train", "test"):
                archive.add(tree / part, arcname=f"{name}/{part}" if name else part)
        assert load_dataset(path).fingerprint() == load_dataset(tree).fingerprint()


@pytest.mark.parametrize("share", [0.0, 0.2, 0.9, 0.999])
def test_a_gzip_that_is_cut_is_refused(archive: Path, share: float) -> None:
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * share)])
    assert str(archive) in message_of(archive)


def test_a_tar_that_was_cut_before_it_was_compressed_is_refused(archive: Path) -> None:
    content = gzip.decompress(archive.read_bytes())
    with tarfile.open(archive) as members:
        last = members.getmembers()[-1]
    # After a whole member: nothing but the missing end mark says that members are missing.
    for end in (last.offset, last.offset + 100, last.offset_data + 5):
        archive.write_bytes(gzip.compress(content[:end]))
        assert "truncated or damaged" in message_of(archive)


def test_a_damaged_header_is_not_taken_for_the_end(archive: Path) -> None:
    content = bytearray(gzip.decompress(archive.read_bytes()))
    with tarfile.open(archive) as members:
        offset = members.getmembers()[-1].offset
    content[offset] ^= 1
    archive.write_bytes(gzip.compress(content))
    assert "bad header" in message_of(archive)


def test_what_is_not_an_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "aclImdb_v1.tar.gz"
    path.write_bytes(b"<html>please log in</html>")
    assert "damaged" in message_of(path)
    path.write_bytes(gzip.compress(b"not a tar at all" * 100))
    assert "damaged" in message_of(path)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_flipped_byte_gives_other_texts(archive: Path, data: st.DataObject) -> None:
    content = bytearray(archive.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    damaged = archive.with_name("damaged.tar.gz")
    damaged.write_bytes(content)
    try:
        dataset = load_dataset(damaged)
    except DataError as error:
        assert "\n" not in str(error)
    else:  # the flip was in gzip's own header, in a date or a name that is not checked
        assert dataset.fingerprint() == load_dataset(archive).fingerprint()


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_damage_inside_the_tar_escapes_as_another_error(
    archive: Path, data: st.DataObject
) -> None:
    content = bytearray(gzip.decompress(archive.read_bytes()))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    damaged = archive.with_name("damaged.tar.gz")
    damaged.write_bytes(gzip.compress(content, compresslevel=1))
    try:
        load_dataset(damaged)
    except DataError as error:
        assert "\n" not in str(error)


def test_each_part_is_shuffled(tmp_path: Path) -> None:
    dataset = load_dataset(write_tree(tmp_path / "aclImdb", each=20))
    for documents in (dataset.train, dataset.test):
        assert 0 < documents.labels[-20:].mean() < 1
