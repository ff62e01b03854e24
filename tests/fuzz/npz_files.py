"""Files like Keras' imdb.npz with contents that NumPy would never write."""

import io
import pickle
import zipfile
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from data.keras_miniature import TEST, TRAIN, ragged
from fuzz.damage import any_bytes

NAMES = ("x_train", "y_train", "x_test", "y_test")


def npy(header: Any, content: bytes, version: bytes = b"\1\0") -> bytes:
    """An .npy file whose header says what it is told to, fitting or not."""
    text = (header if isinstance(header, str) else repr(header)).encode("latin-1", "replace")
    size = len(text).to_bytes(2 if version == b"\1\0" else 4, "little")
    return b"\x93NUMPY" + version + size + text + content


def header(shape: Any, descr: Any = "|O", fortran: Any = False) -> dict[str, Any]:
    return {"descr": descr, "fortran_order": fortran, "shape": shape}


def written(array: np.ndarray) -> bytes:
    """An .npy file as NumPy writes it."""
    file = io.BytesIO()
    np.lib.format.write_array(file, array)
    return file.getvalue()


PARTS = {
    "x_train": written(ragged(TRAIN)),
    "y_train": written(np.arange(len(TRAIN)) % 2),
    "x_test": written(ragged(TEST)),
    "y_test": written(np.array([1, 0, 1])),
}


def npz(parts: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()


ODD_ROWS: list[Any] = [
    None, 1, "film", 1.0, True, [None], ["1"], [1.5], [[1]], [-1], [0], [2**70], {1: 2}, {}, (1,),
    [float("nan")], b"\1", [1] * 1000, np.array([1, 2]), np.int64(1), [np.int64(1)], set(),
]  # fmt: skip
SHAPES: list[Any] = [
    (5,), (3,), (0,), (), (5, 1), (10**12,), (-5,), (2**63,), (10**6, 10**6), (0, 10**12), 5, "5",
    (5.0,), (True,), None, (1,) * 70, [5],
]  # fmt: skip
DESCRIPTIONS: list[Any] = [
    "|O", "<i8", "<i4", "<u8", "|b1", "<f8", "<f2", "|S4", "<U4", "|V8", "<M8[s]", "x", "", "<i9",
    [("a", "<i8")], [("a", "|O")], [], None, 5, ("<i8", (2,)), "O,O", "<i8,<i8", "|S1000000000000",
]  # fmt: skip
HEADERS = [
    "", "{", "{}", "[]", "1", "None", "(" * 200, "[" * 9000, "{'descr': " * 50, "x" * 60_000,
    "__import__('os').mkdir('/tmp/executed')", "{'descr': '<i8'}", "{1: 2, 'descr': 3}", "\0",
    "9" * 5000,
]  # fmt: skip
VERSIONS = [b"\1\0", b"\2\0", b"\3\0", b"\4\0"]


def arrays() -> SearchStrategy[bytes]:
    """The .npy file of one array: odd objects, an odd header before honest bytes, or damage."""
    rows = st.lists(st.one_of(st.just([1, 2]), st.sampled_from(ODD_ROWS)), max_size=6)
    protocol = st.sampled_from([2, 3, 4, 5])
    labels = st.lists(
        st.sampled_from([0, 1, 2, -1, 2**32, -(2**63), 2**63 - 1]), min_size=3, max_size=5
    )
    contents = [PARTS[name][PARTS[name].index(b"\n") + 1 :] for name in NAMES]
    headers = st.one_of(
        st.builds(header, st.sampled_from(SHAPES), st.sampled_from(DESCRIPTIONS), st.booleans()),
        st.sampled_from(HEADERS),
    )
    return st.one_of(
        st.builds(_of_objects, rows, protocol),
        st.builds(pickle.dumps, st.sampled_from(ODD_ROWS), protocol).map(
            lambda pickled: npy(header((5,)), pickled)
        ),
        labels.map(lambda some: written(np.array(some, np.int64))),
        st.builds(npy, headers, st.sampled_from(contents), st.sampled_from(VERSIONS)),
        st.sampled_from(NAMES).flatmap(lambda name: any_bytes(PARTS[name])),
    )


def _of_objects(rows: list[Any], protocol: int) -> bytes:
    return npy(header((len(rows),)), pickle.dumps(ragged(rows), protocol=protocol))


def any_npz() -> SearchStrategy[bytes]:
    """A file with one or two odd arrays, one that lacks some, or one damaged as a whole."""
    methods = st.sampled_from(
        [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
    )
    odd = st.dictionaries(st.sampled_from(NAMES), arrays(), min_size=1, max_size=2)
    names = st.lists(st.sampled_from([*NAMES, "other"]), unique=True)
    return st.one_of(
        st.builds(npz, odd.map(lambda parts: PARTS | parts), methods),
        st.builds(npz, odd.map(lambda parts: PARTS | parts), methods),
        names.map(lambda some: npz({name: PARTS.get(name, b"") for name in some})),
        methods.flatmap(lambda method: any_bytes(npz(PARTS, method))),
    )
