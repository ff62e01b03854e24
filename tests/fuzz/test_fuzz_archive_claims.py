"""Archives that claim far more than they hold, or unpack to far more than they are."""

import gzip
import tarfile
from pathlib import Path

import pytest

from fuzz.archives import HONEST, Member, tar_of, write_archive
from fuzz.reading import outcome, refusal
from hoiquy.data import Dataset, load_dataset
from hoiquy.data.imdb import archive as imdb_archive

FIRST, *OTHERS = HONEST
SPARSE_MAP = bytes(96) + b"\1"  # four empty places, and the sign that the map goes on


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "aclImdb_v1.tar.gz"


def refused(path: Path, *members: Member) -> str:
    """The message for an honest archive that has these members, too."""
    write_archive(path, tar_of([FIRST, *members, *OTHERS]))
    message = refusal(lambda: load_dataset(path))
    assert str(path) in message
    return message


@pytest.mark.timeout(20)
@pytest.mark.parametrize("size", [10**12, 8**11 - 1, 2**63, 2**87])
@pytest.mark.parametrize("name", ["other/x.bin", "aclImdb/train/pos/0_0.txt"])
def test_a_claimed_size_is_not_waited_for(path: Path, name: str, size: int) -> None:
    assert "unpacks to more than" in refused(path, Member(name, size=size))


@pytest.mark.parametrize("size", ["1000000000000", "-1", "-1000000000000"])
@pytest.mark.parametrize("name", ["other/x.bin", "aclImdb/train/pos/0_0.txt"])
def test_a_size_in_an_extended_header(path: Path, name: str, size: str) -> None:
    message = refused(path, Member(name, pax={"size": size}))
    assert ("damaged" if size.startswith("-") else "unpacks to more than") in message


@pytest.mark.parametrize(
    "member",
    [
        Member("aclImdb/train/pos/0_0.txt", tarfile.GNUTYPE_SPARSE, tail=SPARSE_MAP),
        Member("aclImdb/train/pos/0_0.txt", pax={"GNU.sparse.map": "0,1000000000000"}),
        Member("aclImdb/train/pos/0_0.txt", pax={"GNU.sparse.size": "1000000000000"}),
        Member(
            "aclImdb/train/pos/0_0.txt",
            pax={"GNU.sparse.major": "1", "GNU.sparse.minor": "0"},
            content=b"1000000000000\n" + b"0\n" * 249,
        ),
    ],
)
def test_a_sparse_member_is_refused(path: Path, member: Member) -> None:
    refused(path, member)


def test_a_sparse_map_at_the_very_end(path: Path) -> None:
    member = Member("aclImdb/train/pos/0_0.txt", tarfile.GNUTYPE_SPARSE, tail=SPARSE_MAP)
    for more in (b"", bytes(100), bytes(504)):
        write_archive(path, tar_of([*HONEST, member], end=more))
        assert "damaged" in refusal(lambda: load_dataset(path))


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_extended_headers_without_end(path: Path, kind: bytes) -> None:
    """`tarfile` reads them one within the other."""
    assert "damaged" in refused(path, *[Member("x", kind, content=b"9 path=x\n")] * 5000)


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE])
def test_extended_headers_full_of_fields(path: Path, kind: bytes) -> None:
    """Each field takes ten times its bytes in memory, and each header has the fields before it."""
    numbers = range(10**5, 10**6)
    headers = []
    for first in range(0, 60 * 8000, 8000):
        fields = b"".join(b"12 %x=1\n" % number for number in numbers[first : first + 8000])
        headers.append(Member("x", kind, content=fields))
    write_archive(path, tar_of([FIRST, *headers, *OTHERS]))
    outcome(lambda: load_dataset(path))


@pytest.mark.parametrize("name", ["other/{}.bin", "aclImdb/train/pos/{}.txt"])
def test_a_small_file_that_unpacks_to_a_large_one(
    path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imdb_archive, "MAX_UNPACKED_BYTES", 2**27)  # the test takes less time
    zeros = bytes(2**24)
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(tar_of(HONEST, end=b""))
        for number in range(10):
            file.write(Member(name.format(number), size=len(zeros), content=b"").packed() + zeros)
        file.write(bytes(1024))
    assert path.stat().st_size < 2**20
    assert "unpacks to more than 134,217,728 bytes" in refusal(lambda: load_dataset(path))


def test_much_behind_the_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imdb_archive, "MAX_UNPACKED_BYTES", 2**22)
    write_archive(path, tar_of(HONEST) + bytes(2**23))
    assert "unpacks to more than 4,194,304 bytes" in refusal(lambda: load_dataset(path))


def test_members_that_are_passed_over_take_no_memory(path: Path) -> None:
    """The official archive has 50,000 of them."""
    other = Member("aclImdb/train/unsup/0_0.txt", content=b"").packed()
    path.write_bytes(gzip.compress(tar_of(HONEST, end=b"") + other * 50_000 + bytes(1024), 1))
    assert isinstance(outcome(lambda: load_dataset(path), spare=2**24), Dataset)
