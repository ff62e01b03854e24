"""Tar archives with members that no honest program packs, for the tests of this folder."""

import gzip
import io
import tarfile
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

NAMES = [
    "aclImdb/train/pos/1_7.txt", "aclImdb/train/neg/._1_7.txt", "train/pos/9_9.txt", "other/x.txt",
    "../outside.txt", "aclImdb/../../outside.txt", "/tmp/outside.txt", "..", ".", "", "/",
    "\\..\\x", "C:\\outside.txt", "aclImdb/train/pos/a\nb.txt", "a\nb/train/pos/1.txt",
    "\x1b[2J.txt", "x\u2028y/train/pos/1.txt", "\udcff.txt", "a/" * 200, "aclImdb/train/pos",
    "aclImdb/train/pos/" + "x" * 300 + ".txt", "aclImdb/train/unsup/1.txt",
    "aclImdb/train/pos/1_7.txt/inside.txt",
]  # fmt: skip
TYPES = [bytes([kind]) for kind in b"0123456789\0LKSgxXDNVMZ"]
SIZES = [0, 1, 511, 512, 513, 2**20, 2**31, 2**33, 10**12, -1]
PAX_KEYS = [
    "path", "linkpath", "size", "mtime", "uid", "uname", "hdrcharset", "comment", "GNU.sparse.map",
    "GNU.sparse.size", "GNU.sparse.realsize", "GNU.sparse.numblocks", "GNU.sparse.offset",
    "GNU.sparse.numbytes", "GNU.sparse.major", "GNU.sparse.minor", "GNU.sparse.name", "x",
]  # fmt: skip
PAX_VALUES = [
    "", "0", "1", "-1", "512", "1000000000000", "9" * 5000, "nan", "1e999", "x", "BINARY", "a\nb",
    "0,1000000000000", "0,1,2", "../outside.txt", "/tmp/outside.txt", "/", "\x1b", "x" * 3000,
]  # fmt: skip


@dataclass(frozen=True)
class Member:
    """A header as it is wanted, whether or not the content fits it."""

    name: str = NAMES[0]
    kind: bytes = tarfile.REGTYPE
    size: int | None = None  # claimed; None: what it is
    content: bytes = b"good"
    link: str = ""
    pax: dict[str, str] = field(default_factory=dict)
    tail: bytes = b""  # put into the header behind the name's prefix; sparse maps lie there

    def packed(self) -> bytes:
        """The member's header, with its sum made right, and its content in whole blocks."""
        info = tarfile.TarInfo(self.name)
        info.type, info.linkname = self.kind, self.link
        info.size = len(self.content) if self.size is None else self.size
        header = bytearray(info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape"))
        header[-512 + 386 : -512 + 386 + len(self.tail)] = self.tail
        return _pax(self.pax) + summed(bytes(header)) + _blocks(self.content)


def summed(headers: bytes) -> bytes:
    """Headers with the check sum of the last one made right."""
    last = bytearray(headers[-512:])
    last[148:156] = b"%06o\0 " % tarfile.calc_chksums(bytes(last))[0]
    return headers[:-512] + bytes(last)


def _pax(fields: dict[str, str], kind: bytes = tarfile.XHDTYPE) -> bytes:
    if not fields:
        return b""
    content = b"".join(
        _record(key, value.encode("utf-8", "surrogateescape")) for key, value in fields.items()
    )
    return Member("pax", kind, content=content).packed()


def _record(key: str, value: bytes) -> bytes:
    rest = b" " + key.encode() + b"=" + value + b"\n"
    length = len(rest) + len(str(len(rest)))
    length += len(str(length)) - len(str(len(rest)))
    return str(length).encode() + rest


def _blocks(content: bytes) -> bytes:
    return content + bytes(-len(content) % 512)


HONEST = [
    Member(f"aclImdb/{part}/{label}/{number}_7.txt", content=f"{part} {label} {number}".encode())
    for part, label, number in product(("train", "test"), ("neg", "pos"), range(2))
]


def tar_of(members: list[Member], end: bytes = bytes(1024)) -> bytes:
    return b"".join(member.packed() for member in members) + end


def write_archive(path: Path, tar: bytes) -> Path:
    path.write_bytes(gzip.compress(tar, compresslevel=1))
    return path


def odd_members() -> SearchStrategy[Member]:
    """Members with odd names, types, sizes, links and extended headers."""
    text = st.text(st.characters(codec="utf-8"), max_size=12)
    return st.builds(
        Member,
        name=st.one_of(st.sampled_from(NAMES), text),
        kind=st.one_of(st.just(tarfile.REGTYPE), st.sampled_from(TYPES)),
        size=st.one_of(st.none(), st.sampled_from(SIZES)),
        content=st.one_of(
            st.binary(max_size=40),
            st.sampled_from([b"", b"12 path=/x\n\n", b"9 size=-1\n", b"5\n0\n1\n", b"x" * 1000]),
        ),
        link=st.sampled_from(["", "/etc/hostname", "../outside.txt", NAMES[0]]),
        pax=st.dictionaries(
            st.sampled_from(PAX_KEYS), st.one_of(st.sampled_from(PAX_VALUES), text), max_size=3
        ),
        tail=st.one_of(st.just(b""), st.binary(max_size=110)),
    )


@st.composite
def odd_tars(draw: st.DrawFn) -> bytes:
    """An honest archive with one to three odd members at any place among its own."""
    members = list(HONEST)
    for _ in range(draw(st.integers(1, 3))):
        members.insert(draw(st.integers(0, len(members))), draw(odd_members()))
    return tar_of(members, draw(st.sampled_from([bytes(1024), bytes(512), b"", b"x" * 512])))


@st.composite
def tars_with_a_damaged_header(draw: st.DrawFn) -> bytes:
    """An honest archive with bytes of one header changed and its check sum made right."""
    headers = [member.packed() for member in HONEST]
    at = draw(st.integers(0, len(headers) - 1))
    header = bytearray(headers[at][:512])
    start = draw(st.sampled_from([0, 100, 124, 136, 156, 157, 257, 345, 482]))
    new = draw(st.one_of(st.binary(min_size=1, max_size=12), st.just(b"\x80" + b"\xff" * 11)))
    header[start : start + len(new)] = new
    headers[at] = summed(bytes(header[:512])) + headers[at][512:]
    return b"".join(headers) + bytes(1024)


def gzip_of_bytes(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1, mtime=0) as file:
        file.write(content)
    return buffer.getvalue()
